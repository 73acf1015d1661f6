// The comparisons that a demo ends with. Pure: what was collected goes in, differences come out.
#pragma once
#include <boost/json/fwd.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/process.h"
#include "demo/ledgers.h"
#include "model/catalog.h"

namespace backstitch::demo {

struct Check {
  std::string id, title;
  std::int64_t compared = 0;
  std::vector<std::string> differences;  // each names its order, item or subject
  bool holds() const { return differences.empty(); }
};

struct InsideOrder {
  std::string id, source_order_id, state, digest;
};
/// An item whose outcome nobody knows.
struct UnknownItem {
  std::string id, order_id, name, subject, interface, effect_key;
  bool marked = false;  // a mark of this call stands in the log
};
/// Kind of what the policy fatally-fail has stopped.
inline constexpr const char* given_to_people = "given-to-people";
struct Collected {
  OutsideLedgers outside;
  std::map<std::string, InsideOrder> inside;     // order_name → order
  std::map<std::string, std::string> attention;  // item id → kind
  std::vector<UnknownItem> unknown;
  std::set<std::string> with_people;                              // ids of orders that wait behind what the policy has stopped
  std::map<std::string, std::set<std::string>> called, executed;  // interface of the stand-in → subjects
  std::map<std::string, std::int64_t> executed_twice;             // interface of the stand-in → subjects
};

/// Acknowledged = there, with the bytes that were sent; and nothing is there that nobody has an acknowledgement of.
Check check_acknowledged(const Collected& collected);
/// The state of each order is the one that the org was told last.
Check check_told(const Collected& collected);
/// Every order is Activated, or waits behind an item with an unknown outcome, or one that the policy gave to people.
Check check_ended(const Collected& collected);
/// No business subject was executed twice on any interface.
Check check_executions(const Collected& collected);
/// An unknown outcome is honest: its interface can neither repeat nor tell, and its call was on its way.
Check check_unknown(const Collected& collected, const Catalog& catalog);
/// Of what conservation.sh printed: sums, and a line for each that is missing or too much.
void take_conservation(const Finished& ended, Check& check, std::vector<std::string>& sums);
/// Of `verify --json`.
Check check_invariants(const boost::json::object& answer);

}  // namespace backstitch::demo
