// Orders and assets of the lost window: classes L1 … L10 and K1 … K7, checks after a replay (recovery, section 5). Pure: what was
// collected goes in.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "recovery/reconcile/work.h"

namespace backstitch::recovery {

struct WindowOrder {  // one order as one side knows it
  std::string name;   // "org1 801A1 1"
  std::string state;
  Time submitted_at, changed_at;
};
struct WindowAsset {
  std::string reference, account, order, state, attributes;  // attributes: canonical JSON
  Time changed_at;
};

struct WindowInput {
  Time since, cut;                       // W = (since, cut]
  std::map<std::string, WindowOrder> crm, database, archive;      // by name; archive: submits in `incoming`
  std::map<std::string, WindowOrder> database_at_since;           // as restored, before the replay; empty: unknown
  std::map<std::string, WindowAsset> crm_assets, database_assets, inventory, exported;  // by reference
  std::map<std::string, std::string> excluded;                    // order name → why
};

struct WindowClass {
  std::string kind;  // "L1"
  std::string subject, why, handling;
  bool settled = false;  // by replay and adoption; else a row of the work list
};

std::vector<WindowClass> classify_orders(const WindowInput& input);
std::vector<WindowClass> classify_assets(const WindowInput& input);

}  // namespace backstitch::recovery
