#include "rules/plan_scope.h"

#include <algorithm>

namespace backstitch {
namespace {

const OrderLine& line_at(const Order& order, int index) { return order.lines[static_cast<std::size_t>(index)]; }

std::vector<int> lines_of(const Subject& subject, const Decomposition& decomposition) {
  if (subject.downstream < 0) return {subject.line};
  return decomposition.items[static_cast<std::size_t>(subject.downstream)].source_lines;
}

void add_line(std::vector<Instance>& instances, std::string key, int line) {
  const auto found = std::find_if(instances.begin(), instances.end(), [&](const Instance& other) { return other.key == key; });
  if (found != instances.end())
    found->lines.push_back(line);
  else
    instances.push_back({std::move(key), {line}});
}

// A property of the catalog, not of the order: else the name of an item would change with what else stands in the order.
bool serves_one_product(const std::string& plan, const Catalog& catalog) {
  std::string only;
  for (const Scenario& scenario : catalog.scenarios) {
    if (scenario.plan != plan) continue;
    if (scenario.product.empty() || (!only.empty() && only != scenario.product)) return false;
    only = scenario.product;
  }
  return true;
}

std::string subject_key(const std::string& plan, const Subject& subject, const Order& order, const Catalog& catalog,
                        const Decomposition& decomposition) {
  if (subject.downstream < 0) return line_at(order, subject.line).line_id;
  const DownstreamItem& item = decomposition.items[static_cast<std::size_t>(subject.downstream)];
  const std::string own = order.source_order_id + ":";
  std::string key = item.scope_key.starts_with(own) ? item.scope_key.substr(own.size()) : item.scope_key;
  return serves_one_product(plan, catalog) ? key : key + "/" + item.product;
}

}  // namespace

std::string group_value(const Order& order, const OrderLine& line, const std::string& field) {
  if (const Value* value = line.attributes.find(field)) return text_of(*value);
  if (const Value* value = line.fields.find(field)) return text_of(*value);
  if (const Value* value = order.fields.find(field)) return text_of(*value);
  return {};
}

std::vector<Instance> instances_of(const PlanDefinition& plan, const ItemDefinition& item, const Subject& subject,
                                   const Order& order, const Catalog& catalog, const Decomposition& decomposition) {
  const std::vector<int> lines = lines_of(subject, decomposition);
  std::vector<Instance> instances;
  switch (item.scope == ItemScope::none ? plan.scope : item.scope) {
    case ItemScope::none:
    case ItemScope::global:
    case ItemScope::order: return {{"order", lines}};
    case ItemScope::main_order_item:
    case ItemScope::sales_bundle:
      for (const int line : lines) add_line(instances, line_at(order, line_at(order, line).root).line_id, line);
      return instances;
    case ItemScope::custom:
      for (const int line : lines)
        add_line(instances, item.scope_field + "=" + group_value(order, line_at(order, line), item.scope_field), line);
      return instances;
    case ItemScope::order_item:
    case ItemScope::swimlane: return {{subject_key(plan.key, subject, order, catalog, decomposition), lines}};
  }
  return instances;
}

Binding effective_dependency_scope(const DependencyDefinition& dependency) {
  const bool same_plan =
      dependency.item.substr(0, dependency.item.find('/')) == dependency.depends_on.substr(0, dependency.depends_on.find('/'));
  switch (dependency.scope) {
    case ItemScope::main_order_item:
    case ItemScope::sales_bundle: return Binding::root;
    case ItemScope::order_item:
    case ItemScope::swimlane: return same_plan ? Binding::subject : Binding::line;
    case ItemScope::custom: return Binding::custom;
    default: return Binding::whole_order;
  }
}

std::vector<std::string> scope_keys(Binding binding, const PlanItem& item, const Order& order) {
  std::vector<std::string> keys;
  auto numbers = [&](const char* kind, const std::vector<int>& list) {
    for (const int number : list) keys.push_back(kind + std::to_string(number));
  };
  if (binding == Binding::whole_order) return {""};
  if (binding == Binding::custom) return {item.instance};
  if (binding == Binding::subject && !item.downstream_items.empty())
    numbers("d", item.downstream_items);
  else if (binding == Binding::line || binding == Binding::subject)
    numbers("l", item.lines);
  else
    for (const int line : item.lines) numbers("r", {line_at(order, line).root});
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace backstitch
