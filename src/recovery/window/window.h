// Orders and assets of the lost window: classes L1 … L10 and K1 … K7, checks after a replay (recovery, section 5). Pure: what was
// collected goes in.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace backstitch::recovery {

struct WindowOrder {  // one order as one side knows it
  std::string name;   // "org1 801A1 1": source, source order id, version
  std::string state;
  Time submitted_at, changed_at;
};
struct WindowAsset {
  std::string reference, account, order, state, attributes;  // order: its name, else its id; attributes: canonical JSON
  Time changed_at;
  bool created = false;  // its first change of the window had nothing before it
};

/// What a source cannot say of the window; times not set: the whole of it.
struct WindowGap {
  std::string store, why;
  Time from, to;
};

struct WindowInput {
  Time since, cut;                                                                      // W = (since, cut]
  std::int64_t margin_ms = 60'000;                                                      // clocks differ: W is this much wider
  std::map<std::string, WindowOrder> crm, database, archive;                            // by name; archive: submits in `incoming`
  std::map<std::string, WindowOrder> database_at_since;                                 // as restored, before the replay
  bool at_since_known = false;                                                          // false: that map says nothing
  bool crm_known = true;                                                                // false: neither do crm and crm_assets
  std::map<std::string, WindowAsset> crm_assets, database_assets, inventory, exported;  // by reference
  std::map<std::string, std::string> excluded;                                          // order name → why
  std::vector<WindowGap> gaps;
  std::map<std::string, std::string> name_of_id;  // of orders, as the CRM's records tell

  bool holds(Time at) const { return at > since.plus_ms(-margin_ms) && at <= cut.plus_ms(margin_ms); }
};

struct WindowClass {
  std::string kind;     // "L1"
  std::string subject;  // name of the order, reference of the asset
  std::string why;      // what is known, one sentence
  std::string handling;
  bool settled = false;  // by replay and adoption; else a row of the work list
};

/// One class for every order that any source names, by name.
std::vector<WindowClass> classify_orders(const WindowInput& input);
/// One class for every asset that any source names, by reference.
std::vector<WindowClass> classify_assets(const WindowInput& input);

/// What is done by default in this class: "L1" … "L10", "K1" … "K7"; empty for another text.
std::string_view default_handling(std::string_view kind);

}  // namespace backstitch::recovery
