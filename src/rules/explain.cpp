#include "rules/explain.h"

#include <algorithm>
#include <boost/json.hpp>

#include "rules/condition.h"
#include "rules/decompose.h"

namespace backstitch {
namespace json = boost::json;
namespace {

bool has(const std::vector<int>& list, std::size_t value) {
  return std::find(list.begin(), list.end(), static_cast<int>(value)) != list.end();
}

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& text : list) out.emplace_back(text);
  return out;
}

json::object line_json(const OrderLine& line, std::size_t index, const std::vector<RuleTrace>& trace,
                       const Decomposition& decomposition) {
  json::array rules, made;
  for (const RuleTrace& entry : trace)
    if (entry.line_id == line.line_id)
      rules.push_back(json::object{{"rule", entry.rule}, {"fired", entry.fired}, {"why", entry.why}});
  for (std::size_t i = 0; i < decomposition.items.size(); ++i)
    if (has(decomposition.items[i].source_lines, index)) made.emplace_back(i);
  return {{"lineId", line.line_id},
          {"product", line.product},
          {"action", to_text(line.action)},
          {"rules", std::move(rules)},
          {"made", std::move(made)}};
}

json::object downstream_json(const DownstreamItem& item, const Order& order) {
  json::array lines;
  for (const int line : item.source_lines) lines.emplace_back(order.lines[static_cast<std::size_t>(line)].line_id);
  return {{"product", item.product},    {"scope", item.scope_key},  {"action", to_text(item.action)},
          {"quantity", item.quantity},  {"known", item.known},      {"values", to_json(item.values)},
          {"rules", texts(item.rules)}, {"lines", std::move(lines)}};
}

json::object item_json(const PlanItem& item, const Order& order, const Catalog& catalog, const Decomposition& decomposition,
                       const PlanGraph& plan) {
  json::array works_for, waits_for;
  for (const int part : item.downstream_items) {
    const DownstreamItem& downstream = decomposition.items[static_cast<std::size_t>(part)];
    works_for.emplace_back(downstream.product + " " + downstream.scope_key);
  }
  if (works_for.empty())
    for (const int line : item.lines) works_for.emplace_back("line " + order.lines[static_cast<std::size_t>(line)].line_id);
  for (const int before : item.waits_for) waits_for.emplace_back(item_name(plan.items[static_cast<std::size_t>(before)]));
  json::object out{{"item", item.plan + "/" + item.item},
                   {"instance", item.instance},
                   {"scenario", item.scenario},
                   {"for", std::move(works_for)},
                   {"waitsFor", std::move(waits_for)}};
  if (const ItemDefinition* definition = catalog.item(item.plan, item.item)) {
    out["type"] = to_text(definition->type);
    if (definition->when) out["condition"] = condition_text(*definition->when);
  }
  return out;
}

void append_line(std::string& out, const OrderLine& line, std::size_t index, const std::vector<RuleTrace>& trace,
                 const Decomposition& decomposition) {
  out += fmt::format("line {} {} {}\n", line.line_id, line.product, to_text(line.action));
  bool looked = false;
  for (const RuleTrace& entry : trace) {
    if (entry.line_id != line.line_id) continue;
    looked = true;
    out += fmt::format("  relationship {} {}: {}\n", entry.rule, entry.fired ? "fired" : "did not fire", entry.why);
  }
  if (!looked) out += "  no relationship: the line is skipped\n";
  for (std::size_t i = 0; i < decomposition.items.size(); ++i) {
    const DownstreamItem& item = decomposition.items[i];
    if (has(item.source_lines, index))
      out += fmt::format("  → {} {} ({}, {})\n", item.product, item.scope_key, to_text(item.action),
                         item.known ? "was there before" : "new");
  }
}

void append_item(std::string& out, const PlanItem& item, const Catalog& catalog, const PlanGraph& plan) {
  const ItemDefinition* definition = catalog.item(item.plan, item.item);
  out += fmt::format("item {} {} by scenario {}\n", item_name(item), definition ? to_text(definition->type) : "?", item.scenario);
  if (definition && definition->when) out += fmt::format("  only if {}\n", condition_text(*definition->when));
  for (const int before : item.waits_for)
    out += fmt::format("  after {}\n", item_name(plan.items[static_cast<std::size_t>(before)]));
}

}  // namespace

std::string item_name(const PlanItem& item) { return fmt::format("{}/{}[{}]", item.plan, item.item, item.instance); }

json::object explain_json(const Order& order, const Catalog& catalog, const Decomposition& decomposition, const PlanGraph& plan) {
  const std::vector<RuleTrace> trace = trace_rules(order, catalog);
  json::array lines, downstream, items;
  for (std::size_t i = 0; i < order.lines.size(); ++i) lines.push_back(line_json(order.lines[i], i, trace, decomposition));
  for (const DownstreamItem& item : decomposition.items) downstream.push_back(downstream_json(item, order));
  for (const PlanItem& item : plan.items) items.push_back(item_json(item, order, catalog, decomposition, plan));
  std::vector<std::string> notices = decomposition.notices;
  notices.insert(notices.end(), plan.notices.begin(), plan.notices.end());
  return {{"lines", std::move(lines)},
          {"downstream", std::move(downstream)},
          {"items", std::move(items)},
          {"notices", texts(notices)}};
}

std::string explain_text(const Order& order, const Catalog& catalog, const Decomposition& decomposition, const PlanGraph& plan) {
  const std::vector<RuleTrace> trace = trace_rules(order, catalog);
  std::string out;
  for (std::size_t i = 0; i < order.lines.size(); ++i) append_line(out, order.lines[i], i, trace, decomposition);
  for (const PlanItem& item : plan.items) append_item(out, item, catalog, plan);
  for (const std::string& notice : decomposition.notices) out += "note: " + notice + "\n";
  for (const std::string& notice : plan.notices) out += "note: " + notice + "\n";
  return out;
}

}  // namespace backstitch
