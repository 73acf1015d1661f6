// What decomposition and composition make of an order: downstream orders and items, and the plan (order-management 3.5, 3.6).
// Static shape only; the states live in the engine's working set.
#pragma once
#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "model/catalog.h"
#include "model/identity.h"

namespace backstitch {

struct DownstreamOrder {
  DownstreamOrderId id;
  std::string domain;  // class of its technical products, or the product itself
};

struct DownstreamItem {
  DownstreamItemId id;
  int downstream_order = 0;     // index
  std::string product;          // technical
  std::string scope_key;        // business key of the instance: account, order number, line id, group value
  Action action = Action::add;  // against the inventory (4.7)
  std::int64_t quantity = 1;
  Attributes values;
  std::vector<int> source_lines;   // indexes of order lines, ascending (V-6)
  std::vector<std::string> rules;  // keys of the relationships that made it
  bool known = false;              // an inventory item of this scope existed before
};

/// One relationship looked at for one line: what a person needs to see why (F028).
struct RuleTrace {
  std::string rule, line_id;
  bool fired = false;
  std::string why;  // "condition true", "condition false: attribute.speed (100) >= 500", "xor group g: d1 fired"
};

struct Decomposition {
  std::vector<DownstreamOrder> orders;
  std::vector<DownstreamItem> items;
  std::vector<RuleTrace> trace;      // only filled when asked for
  std::vector<std::string> notices;  // mappings ignored, …
};

struct PlanItem {
  ItemId id;
  EffectId effect;
  std::string plan, item;                   // keys of the definitions
  std::string instance;                     // business key of the scope instance
  std::vector<int> lines;                   // order lines it works for, ascending
  std::vector<int> downstream_items;        // indexes, ascending
  std::vector<int> waits_for, followed_by;  // indexes of items, ascending
  std::string scenario;                     // key of the scenario that brought it
};

struct PlanGraph {
  PlanId id;
  std::vector<PlanItem> items;  // in the order of definition and instance
  std::vector<std::string> notices;
};

/// As stored in order_doc.graph; parse gives back exactly what was written.
std::string fulfilment_json(const Decomposition& decomposition, const PlanGraph& plan);
Status parse_fulfilment(const boost::json::value& json, OrderId order, Decomposition& decomposition, PlanGraph& plan);

}  // namespace backstitch
