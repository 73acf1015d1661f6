#include "model/catalog.h"

#include <algorithm>
#include <tuple>

#include "model/names.h"

namespace backstitch {
namespace {

constexpr Named<ProductScope> product_scopes[] = {{ProductScope::account, "Account"},
                                                  {ProductScope::order, "Order"},
                                                  {ProductScope::top_order_item, "TopOrderItem"},
                                                  {ProductScope::custom, "Custom"},
                                                  {ProductScope::order_item, "OrderItem"},
                                                  {ProductScope::downstream_order_item, "DownstreamOrderItem"}};
constexpr Named<ItemScope> item_scopes[] = {{ItemScope::none, "None"},
                                            {ItemScope::global, "Global"},
                                            {ItemScope::order, "Order"},
                                            {ItemScope::main_order_item, "MainOrderItem"},
                                            {ItemScope::order_item, "OrderItem"},
                                            {ItemScope::swimlane, "Swimlane"},
                                            {ItemScope::sales_bundle, "SalesBundle"},
                                            {ItemScope::custom, "Custom"}};
constexpr Named<ItemType> item_types[] = {{ItemType::milestone, "milestone"},  {ItemType::callout, "callout"},
                                          {ItemType::auto_task, "autoTask"},   {ItemType::manual_task, "manualTask"},
                                          {ItemType::push_event, "pushEvent"}, {ItemType::sub_plan, "subPlan"}};

template <class Table>
auto at(const Table& table, std::string_view key) {
  return table.find(std::string(key));
}

}  // namespace

const char* to_text(ProductScope scope) { return name_in(product_scopes, scope); }
const char* to_text(ItemScope scope) { return name_in(item_scopes, scope); }
const char* to_text(ItemType type) { return name_in(item_types, type); }
std::optional<ProductScope> product_scope_from(std::string_view text) { return value_in(product_scopes, text); }
std::optional<ItemScope> item_scope_from(std::string_view text) { return value_in(item_scopes, text); }
std::optional<ItemType> item_type_from(std::string_view text) { return value_in(item_types, text); }

const Product* Catalog::product(std::string_view key) const {
  const auto found = at(product_at_, key);
  return found == product_at_.end() ? nullptr : &products[found->second];
}

const PlanDefinition* Catalog::plan(std::string_view key) const {
  const auto found = at(plan_at_, key);
  return found == plan_at_.end() ? nullptr : &plans[found->second];
}

const ItemDefinition* Catalog::item(std::string_view plan_key, std::string_view item_key) const {
  if (const PlanDefinition* found = plan(plan_key))
    for (const ItemDefinition& definition : found->items)
      if (definition.key == item_key) return &definition;
  return nullptr;
}

const System* Catalog::system(std::string_view key) const {
  const auto found = at(system_at_, key);
  return found == system_at_.end() ? nullptr : &systems[found->second];
}

std::pair<const System*, const SystemInterface*> Catalog::find_interface(std::string_view text) const {
  const auto dot = text.rfind('.');
  if (dot == std::string_view::npos) return {nullptr, nullptr};
  const System* owner = system(text.substr(0, dot));
  if (owner)
    for (const SystemInterface& candidate : owner->interfaces)
      if (candidate.key == text.substr(dot + 1)) return {owner, &candidate};
  return {nullptr, nullptr};
}

std::vector<std::string> Catalog::class_chain(std::string_view class_key) const {
  std::vector<std::string> chain;
  std::string key(class_key);
  // The bound ends a cycle, which the reader refuses anyway.
  while (!key.empty() && chain.size() <= classes.size()) {
    const auto found = class_at_.find(key);
    if (found == class_at_.end()) break;
    chain.push_back(key);
    key = classes[found->second].parent;
  }
  return chain;
}

std::vector<const DecompositionRule*> Catalog::rules_for(const Product& of) const {
  std::vector<const DecompositionRule*> out;
  if (const auto found = product_at_.find(of.key); found != product_at_.end())
    for (const std::size_t i : rules_of_[found->second]) out.push_back(&decomposition[i]);
  return out;
}

std::vector<const Scenario*> Catalog::scenarios_for(const Product& of) const {
  std::vector<const Scenario*> out;
  if (const auto found = product_at_.find(of.key); found != product_at_.end())
    for (const std::size_t i : scenarios_of_[found->second]) out.push_back(&scenarios[i]);
  return out;
}

void Catalog::index_all() {
  auto fill = [](auto& map, const auto& list) {
    map.clear();
    for (std::size_t i = 0; i < list.size(); ++i) map.emplace(list[i].key, i);
  };
  fill(product_at_, products);
  fill(plan_at_, plans);
  fill(system_at_, systems);
  fill(class_at_, classes);
  rules_of_.assign(products.size(), {});
  scenarios_of_.assign(products.size(), {});
  for (std::size_t p = 0; p < products.size(); ++p) {
    const std::vector<std::string> chain = class_chain(products[p].class_key);
    auto is_for = [&](const std::string& product_key, const std::string& class_key) {
      return product_key == products[p].key ||
             (!class_key.empty() && std::find(chain.begin(), chain.end(), class_key) != chain.end());
    };
    for (std::size_t i = 0; i < decomposition.size(); ++i)
      if (is_for(decomposition[i].from_product, decomposition[i].from_class)) rules_of_[p].push_back(i);
    for (std::size_t i = 0; i < scenarios.size(); ++i)
      if (is_for(scenarios[i].product, scenarios[i].class_key)) scenarios_of_[p].push_back(i);
    std::sort(rules_of_[p].begin(), rules_of_[p].end(), [&](std::size_t a, std::size_t b) {
      return std::tie(decomposition[a].priority, decomposition[a].key) <
             std::tie(decomposition[b].priority, decomposition[b].key);
    });
    std::sort(scenarios_of_[p].begin(), scenarios_of_[p].end(),
              [&](std::size_t a, std::size_t b) { return scenarios[a].key < scenarios[b].key; });
  }
}

}  // namespace backstitch
