#include <boost/json.hpp>

#include "base/json.h"
#include "base/time.h"
#include "rules/catalog_json.h"
#include "rules/condition_json.h"

namespace backstitch {
namespace json = boost::json;
namespace {

// What has its default is left out: then a catalog has one text, and its digest does not depend on who wrote it.
void put(json::object& out, const char* name, const std::string& text, std::string_view otherwise = "") {
  if (text != otherwise) out[name] = text;
}
void put(json::object& out, const char* name, std::int64_t number, std::int64_t otherwise) {
  if (number != otherwise) out[name] = number;
}
void put_true(json::object& out, const char* name, bool truth) {
  if (truth) out[name] = true;
}
void put(json::object& out, const char* name, const std::optional<Condition>& condition) {
  if (condition) out[name] = condition_json(*condition);
}

template <class List, class Write>
void put_list(json::object& out, const char* name, const List& list, Write write) {
  if (list.empty()) return;
  json::array values;
  for (const auto& entry : list) values.push_back(write(entry));
  out[name] = std::move(values);
}
void put_texts(json::object& out, const char* name, const std::vector<std::string>& texts) {
  put_list(out, name, texts, [](const std::string& text) { return json::value(json::string(text)); });
}
void put_map(json::object& out, const char* name, const std::vector<std::pair<std::string, std::string>>& entries) {
  if (entries.empty()) return;
  json::object map;
  for (const auto& [key, text] : entries) map[key] = text;
  out[name] = std::move(map);
}

json::value class_json(const ProductClass& entry) {
  json::object out{{"key", entry.key}};
  put(out, "parent", entry.parent);
  put(out, "name", entry.name);
  return out;
}

json::value attribute_json(const AttributeDefinition& attribute) {
  json::object out{{"key", attribute.key}};
  put(out, "name", attribute.name);
  put(out, "type", attribute.type, "text");
  put_list(out, "picklist", attribute.picklist, [](const Value& value) { return to_json(value); });
  return out;
}

json::value child_json(const ProductChild& child) {
  json::object out{{"product", child.product}, {"min", child.min}, {"max", child.max}, {"default", child.quantity}};
  if (!child.selected) out["selected"] = false;
  put(out, "group", child.group);
  return out;
}

json::value product_json(const Product& product) {
  json::object out{{"key", product.key}, {"kind", product.technical ? "technical" : "commercial"}};
  put(out, "name", product.name);
  put(out, "class", product.class_key);
  put(out, "scope", to_text(product.scope), "OrderItem");
  put(out, "scopeField", product.scope_field);
  if (product.quantity_method == QuantityMethod::always_one) out["quantityMethod"] = "AlwaysOne";
  put_true(out, "inventory", product.inventory);
  put_texts(out, "attributes", product.attributes);
  put_list(out, "children", product.children, child_json);
  put_list(out, "groups", product.groups,
           [](const ChildGroup& group) { return json::value{{"key", group.key}, {"min", group.min}, {"max", group.max}}; });
  return out;
}

json::value mapping_json(const Mapping& mapping) {
  json::object out{{"to", mapping.to}};
  if (mapping.type == MappingType::fixed) {
    out["type"] = "static";
    out["value"] = to_json(mapping.value);
    return out;
  }
  out["type"] = mapping.type == MappingType::list ? "list" : "adVerbatim";
  out["from"] = mapping.from;
  if (mapping.type == MappingType::list) {
    json::object pairs;
    for (const auto& [from, to] : mapping.pairs) pairs[from] = to_json(to);
    out["pairs"] = std::move(pairs);
  }
  return out;
}

json::object product_or_class(const std::string& product, const std::string& class_key) {
  return product.empty() ? json::object{{"class", class_key}} : json::object{{"product", product}};
}

json::value rule_json(const DecompositionRule& rule) {
  json::object out{{"key", rule.key}, {"from", product_or_class(rule.from_product, rule.from_class)}, {"to", rule.to}};
  put(out, "priority", rule.priority, 0);
  put(out, "xor", rule.xor_group);
  put(out, "when", rule.when);
  put_list(out, "mappings", rule.mappings, mapping_json);
  return out;
}

void put_callout(json::object& out, const ItemDefinition& item) {
  out["interface"] = item.interface;
  put_list(out, "routes", item.routes, [](const InterfaceRoute& route) {
    return json::value{{"when", condition_json(route.when)}, {"interface", route.interface}};
  });
}

void put_failure(json::object& out, const ItemDefinition& item) {
  if (item.retries) out["retries"] = *item.retries;
  if (item.retry_interval_ms) out["retryIntervalMs"] = *item.retry_interval_ms;
  put_list(out, "staggeredMs", item.staggered_ms, [](std::int64_t ms) { return json::value(ms); });
  put_true(out, "retryForever", item.retry_forever);
  put(out, "timeoutMs", item.timeout_ms, 30'000);
}

json::value item_json(const ItemDefinition& item) {
  json::object out{{"key", item.key}, {"type", to_text(item.type)}};
  put(out, "name", item.name);
  put(out, "scope", to_text(item.scope), "None");
  put(out, "scopeField", item.scope_field);
  put(out, "when", item.when);
  if (item.type == ItemType::callout) put_callout(out, item);
  put(out, "implementation", item.implementation);
  put(out, "lane", item.lane, "default");
  put(out, "manualQueue", item.manual_queue);
  put_map(out, "request", item.request);
  put_map(out, "response", item.response);
  put_texts(out, "serviceRecord", item.service_record);
  if (item.type != ItemType::milestone) put_failure(out, item);
  put(out, "processAfter", item.process_after);
  put_true(out, "pointOfNoReturn", item.point_of_no_return);
  put_true(out, "skipBranch", item.skip_branch);
  put(out, "amendPlan", item.amend_plan);
  put(out, "rollbackPlan", item.rollback_plan);
  return out;
}

json::value plan_json(const PlanDefinition& plan) {
  json::object out{{"key", plan.key}, {"items", json::array()}};
  put(out, "name", plan.name);
  put(out, "scope", to_text(plan.scope), "OrderItem");
  put_list(out, "items", plan.items, item_json);
  return out;
}

json::value dependency_json(const DependencyDefinition& dependency) {
  return json::object{{"item", dependency.item}, {"dependsOn", dependency.depends_on}, {"scope", to_text(dependency.scope)}};
}

json::value scenario_json(const Scenario& scenario) {
  json::object out{
      {"key", scenario.key}, {"for", product_or_class(scenario.product, scenario.class_key)}, {"plan", scenario.plan}};
  json::array actions;
  for (const Action action : scenario.actions) actions.emplace_back(to_text(action));
  out["actions"] = std::move(actions);
  put(out, "when", scenario.when);
  return out;
}

json::value interface_json(const SystemInterface& interface) {
  json::object out{{"key", interface.key},
                   {"method", interface.method},
                   {"path", interface.path},
                   {"mode", interface.asynchronous ? "async" : "sync"}};
  if (interface.callback_timeout_ms != default_callback_timeout_ms)
    out["callbackTimeout"] = duration_text(interface.callback_timeout_ms);
  return out;
}

json::value system_json(const System& system) {
  json::object effects{
      {"idempotent", system.effects.idempotent}, {"lookup", system.effects.lookup}, {"cancel", system.effects.cancel}};
  if (system.effects.key_lifetime_ms > 0) effects["keyLifetime"] = duration_text(system.effects.key_lifetime_ms);
  put(effects, "settlingTimeMs", system.effects.settling_time_ms, 0);
  json::object out{{"key", system.key}, {"url", system.url}, {"effects", std::move(effects)}};
  out["limits"] = json::object{{"concurrent", system.concurrent_max}, {"perSecond", system.per_second_max}};
  put_list(out, "interfaces", system.interfaces, interface_json);
  return out;
}

}  // namespace

std::string catalog_json(const Catalog& catalog) {
  json::object out{
      {"format", "backstitch.catalog/1"}, {"source", catalog.source}, {"index", catalog.index}, {"products", json::array()}};
  put_list(out, "classes", catalog.classes, class_json);
  put_list(out, "attributes", catalog.attributes, attribute_json);
  put_list(out, "products", catalog.products, product_json);
  put_list(out, "decomposition", catalog.decomposition, rule_json);
  put_list(out, "plans", catalog.plans, plan_json);
  put_list(out, "dependencies", catalog.dependencies, dependency_json);
  put_list(out, "scenarios", catalog.scenarios, scenario_json);
  put_list(out, "systems", catalog.systems, system_json);
  return canonical_json(out);
}

}  // namespace backstitch
