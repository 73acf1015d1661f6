#include <boost/json.hpp>

#include "base/time.h"
#include "rules/catalog_read.h"
#include "rules/condition_json.h"
#include "rules/mapping.h"

namespace backstitch {
namespace json = boost::json;
namespace {

std::optional<Condition> read_when(ObjectReader& reader) {
  const json::value* when = reader.member("when");
  if (!when) return std::nullopt;
  return read_condition(*when, reader.at("when"), reader.faults());
}

void read_callout(ObjectReader& reader, ItemDefinition& item) {
  item.interface = reader.text("interface", true);
  read_list(reader, "routes", [&](ObjectReader& route) {
    InterfaceRoute out;
    if (const json::value* when = route.member("when", true)) out.when = read_condition(*when, route.at("when"), route.faults());
    out.interface = route.text("interface", true);
    item.routes.push_back(std::move(out));
  });
}

void read_failure(ObjectReader& reader, ItemDefinition& item) {
  if (const auto retries = reader.whole_if("retries", 0, 1'000'000)) item.retries = static_cast<int>(*retries);
  item.retry_interval_ms = reader.whole_if("retryIntervalMs", 0, number_max);
  item.retry_forever = reader.truth("retryForever", false);
  item.timeout_ms = reader.whole("timeoutMs", 30'000, 1, number_max);
  const json::array* staggered = reader.list("staggeredMs");
  for (std::size_t i = 0; i < list_size(staggered); ++i) {
    const json::value& value = list_at(*staggered, i);
    if (value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= number_max)
      item.staggered_ms.push_back(value.get_int64());
    else
      reader.fault("staggeredMs", Code::catalog_bad_value, "is a list of waits in ms");
  }
}

void check_paths(ObjectReader& reader, const ItemDefinition& item) {
  for (const auto& [name, path] : item.request)
    if (std::string fault = path_fault(path); !fault.empty())
      reader.faults().push_back({child_pointer(reader.at("request"), name), Code::mapping_invalid, std::move(fault)});
  for (const auto& [target, path] : item.response)
    if (std::string fault = response_fault(target, path); !fault.empty())
      reader.faults().push_back({child_pointer(reader.at("response"), target), Code::mapping_invalid, std::move(fault)});
  if (item.process_after.empty()) return;
  if (item.process_after.starts_with('$')) {
    if (std::string fault = path_fault(item.process_after); !fault.empty())
      reader.fault("processAfter", Code::mapping_invalid, std::move(fault));
  } else if (!parse_rfc3339(item.process_after)) {
    reader.fault("processAfter", Code::catalog_bad_value, fmt::format("\"{}\" is neither a path nor a time", item.process_after));
  }
}

// Members of another type of item are unknown here, so that a slip ("manualQueue" on a callout) is found.
ItemDefinition read_item(ObjectReader& reader) {
  ItemDefinition item;
  item.key = reader.text("key", true);
  item.name = reader.text("name");
  item.type = reader.choice("type", item_type_from, ItemType::milestone, true);
  item.scope = reader.choice("scope", item_scope_from, ItemScope::none);
  item.scope_field = reader.text("scopeField");
  item.when = read_when(reader);
  if (item.type == ItemType::callout) read_callout(reader, item);
  if (item.type == ItemType::auto_task) {
    item.implementation = reader.text("implementation", true);
    if (std::string lane = reader.text("lane"); !lane.empty()) item.lane = std::move(lane);
  }
  if (item.type == ItemType::manual_task) item.manual_queue = reader.text("manualQueue", true);
  if (item.type != ItemType::milestone) {
    item.request = reader.text_map("request");
    item.response = reader.text_map("response");
    item.service_record = reader.texts("serviceRecord");
    read_failure(reader, item);
  }
  item.process_after = reader.text("processAfter");
  item.point_of_no_return = reader.truth("pointOfNoReturn", false);
  item.skip_branch = reader.truth("skipBranch", false);
  item.amend_plan = reader.text("amendPlan");
  item.rollback_plan = reader.text("rollbackPlan");
  check_paths(reader, item);
  return item;
}

PlanDefinition read_plan(ObjectReader& reader) {
  PlanDefinition plan;
  plan.key = reader.text("key", true);
  plan.name = reader.text("name");
  plan.scope = reader.choice("scope", item_scope_from, ItemScope::order_item);
  if (plan.scope == ItemScope::none || plan.scope == ItemScope::custom)
    reader.fault("scope", Code::catalog_bad_value, "of a plan is neither None nor Custom");
  if (plan.key.find('/') != std::string::npos) reader.fault("key", Code::catalog_bad_value, "of a plan has no slash");
  read_list(
      reader, "items",
      [&](ObjectReader& entry) {
        ItemDefinition item = read_item(entry);
        const ItemScope scope = item.scope == ItemScope::none ? plan.scope : item.scope;
        if ((scope == ItemScope::custom) == item.scope_field.empty())
          entry.fault("scopeField", Code::catalog_bad_value, "stands with scope Custom, and only with it");
        plan.items.push_back(std::move(item));
      },
      true);
  return plan;
}

Scenario read_scenario(ObjectReader& reader) {
  Scenario scenario;
  scenario.key = reader.text("key", true);
  if (const json::value* value = reader.member("for", true)) {
    ObjectReader target(*value, reader.at("for"), reader.faults());
    scenario.product = target.text("product");
    scenario.class_key = target.text("class");
    if (scenario.product.empty() == scenario.class_key.empty())
      reader.fault("for", Code::catalog_bad_value, "names a product or a class, one of them");
    target.finish();
  }
  scenario.plan = reader.text("plan", true);
  reader.list("actions", true);
  for (const std::string& word : reader.texts("actions")) {
    if (const auto action = action_from(word))
      scenario.actions.push_back(*action);
    else
      reader.fault("actions", Code::catalog_bad_value,
                   fmt::format("\"{}\" is none of Add, Change, Disconnect, NoChange, Renew", word));
  }
  scenario.when = read_when(reader);
  return scenario;
}

}  // namespace

void read_plans(ObjectReader& root, Catalog& catalog) {
  read_list(root, "plans", [&](ObjectReader& reader) { catalog.plans.push_back(read_plan(reader)); });
  read_list(root, "dependencies", [&](ObjectReader& reader) {
    catalog.dependencies.push_back(
        {reader.text("item", true), reader.text("dependsOn", true), reader.choice("scope", item_scope_from, ItemScope::global)});
  });
  read_list(root, "scenarios", [&](ObjectReader& reader) { catalog.scenarios.push_back(read_scenario(reader)); });
}

}  // namespace backstitch
