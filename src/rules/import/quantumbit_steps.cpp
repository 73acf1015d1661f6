#include <algorithm>

#include "rules/import/workbench.h"

namespace backstitch::import {
namespace json = boost::json;
namespace {

struct StepNotes {
  std::vector<std::string> manual, manual_with_integration, start_date, unknown_type, unknown_group, unknown_scope, blank_scope,
      no_field, execute_on, delayed, no_interface;
};

/// Retries of each type of step: of several rules for a type without an integration, that with the lowest name wins.
std::map<std::string, json::object> fallout_by_type(Workbench& bench) {
  Table& table = bench.table("FulfillmentFalloutRule.csv");
  std::map<std::string, std::pair<std::string, json::object>> best;
  std::vector<std::string> passed_over, narrower;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string &name = table.cell(i, "Name"), &type = table.cell(i, "StepType"),
                      &retries = table.cell(i, "RetriesAllowed");
    if (!table.cell(i, "ErrorCode").empty() || !table.cell(i, "IntegrationDefinition.DeveloperName").empty()) {
      narrower.push_back(name);
      continue;
    }
    json::object rule;
    if (!retries.empty()) rule["retries"] = static_cast<std::int64_t>(std::strtoll(retries.c_str(), nullptr, 10));
    if (table.cell(i, "RetryPolicy") == "Immediate") rule["retryIntervalMs"] = 0;
    const auto found = best.find(type);
    if (found == best.end()) {
      best[type] = {name, std::move(rule)};
    } else {
      const bool wins = name < found->second.first;
      passed_over.push_back(
          fmt::format("{}: {} wins over {}", type, wins ? name : found->second.first, wins ? found->second.first : name));
      if (wins) found->second = {name, std::move(rule)};
    }
  }
  for (const auto& [type, rule] : best)
    bench.note("fallout rule {} gives steps of type {}: {}; overlay.json may say otherwise", rule.first, type,
               json::serialize(rule.second));
  if (!passed_over.empty())
    bench.note("more than one fallout rule for a type of step, the lower name wins: {}", some_of(passed_over));
  if (!narrower.empty()) bench.note("fallout rules for one error code or one integration are left out: {}", some_of(narrower));
  std::map<std::string, json::object> out;
  for (auto& [type, rule] : best) out[type] = std::move(rule.second);
  return out;
}

void set_scope(json::object& item, const std::string& name, Table& table, std::size_t row, StepNotes& notes) {
  const std::string &scope = table.cell(row, "Scope"), &field = table.cell(row, "CustomFulfillmentScope");
  if (scope == "Custom" && !field.empty()) {
    item["scope"] = "Custom";
    item["scopeField"] = field;
  } else if (scope == "Plan") {
    item["scope"] = "Global";
  } else {
    item["scope"] = "OrderItem";
    if (scope == "Custom")
      notes.no_field.push_back(name);
    else if (scope.empty())
      notes.blank_scope.push_back(name);
    else if (scope != "LineItem")
      notes.unknown_scope.push_back(fmt::format("{} ({})", name, scope));
  }
}

void set_time(json::object& item, const std::string& name, Table& table, std::size_t row, StepNotes& notes) {
  const std::string& execute_on = table.cell(row, "ExecuteOn");
  if (execute_on == "SourceLineStartDate") {
    item["processAfter"] = "$line.field.StartDate";
    notes.start_date.push_back(name);
  } else if (!execute_on.empty()) {
    notes.execute_on.push_back(fmt::format("{} ({})", name, execute_on));
  }
  if (!table.cell(row, "DelayOf").empty())
    notes.delayed.push_back(fmt::format("{} ({} {})", name, table.cell(row, "DelayOf"), table.cell(row, "DelayUnit")));
}

// The members that make a callout one: from the overlay, by the name of the integration.
bool set_callout(Workbench& bench, json::object& item, const std::string& integration) {
  const json::value* all = bench.overlay.if_contains("integrations");
  const json::object* ours =
      all && all->is_object()
          ? all->get_object().if_contains(integration) ? all->get_object().at(integration).if_object() : nullptr
          : nullptr;
  if (!ours) return false;
  for (const auto& member : *ours) item[member.key()] = member.value();
  return true;
}

std::string queue_of(const Workbench& bench) {
  const json::value* name = bench.overlay.if_contains("manualQueue");
  return name && name->is_string() ? std::string(name->get_string()) : "operations";
}

void set_manual(const Workbench& bench, json::object& item, const std::string& name, const std::string& integration,
                StepNotes& notes) {
  item["type"] = "manualTask";
  item["manualQueue"] = queue_of(bench);
  notes.manual.push_back(name);
  if (!integration.empty()) notes.manual_with_integration.push_back(fmt::format("{} ({})", name, integration));
}

/// The members of its type; false when the type is not known.
bool set_type(Workbench& bench, json::object& item, Table& table, std::size_t row, StepNotes& notes) {
  const std::string &type = table.cell(row, "StepType"), &name = table.cell(row, "Name");
  const std::string& integration = table.cell(row, "IntegrationDefinitionName.DeveloperName");
  if (type == "Milestone") return item["type"] = "milestone", true;
  if (type == "ManualTask") return set_manual(bench, item, name, integration, notes), true;
  if (type == "AutoTask") {
    item["type"] = "autoTask";
    item["implementation"] = table.cell(row, "FlowDefinitionName");
    return true;
  }
  if (type != "Callout") return notes.unknown_type.push_back(fmt::format("{} ({})", name, type)), false;
  item["type"] = "callout";
  if (!set_callout(bench, item, integration)) notes.no_interface.push_back(fmt::format("{} ({})", name, integration));
  return true;
}

void tell(Workbench& bench, const StepNotes& notes) {
  auto list = [&](const std::vector<std::string>& names, const char* what) {
    if (!names.empty()) bench.note("{}: {}", what, some_of(names, 12));
  };
  list(notes.manual, fmt::format("manual steps stay manual, in the queue \"{}\"", queue_of(bench)).c_str());
  list(notes.manual_with_integration, "manual steps that name an integration stay manual, the integration is not called");
  list(notes.start_date, "steps that execute on SourceLineStartDate stay Scheduled until the line's field StartDate");
  list(notes.execute_on, "other times of execution are not known, the steps run at once");
  list(notes.delayed, "delays are not part of this version, the steps run at once");
  list(notes.unknown_type, "steps of an unknown type are left out");
  list(notes.unknown_group, "steps of a group that is not there are left out");
  list(notes.unknown_scope, "unknown scopes of steps are taken as Order Item");
  list(notes.blank_scope, "steps without a scope have that of their group, Order Item");
  list(notes.no_field, "steps of scope Custom without a group field are taken as Order Item");
}

}  // namespace

void import_plans(Workbench& bench) {
  Table& table = bench.table("FulfillmentStepDefinitionGroup.csv");
  json::array out;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string& name = table.cell(i, "Name");
    if (bench.plan_of_group.contains(name)) {
      bench.note("group \"{}\" stands twice, the second one is left out", name);
      continue;
    }
    bench.plan_of_group[name] = fresh_key(name, taken);
    out.push_back(json::object{{"key", bench.plan_of_group[name]}, {"name", name}, {"items", json::array()}});
  }
  bench.note(
      "step groups are plan definitions; scopes of steps: Plan is Global, LineItem is Order Item, Custom is one instance per "
      "value of its group field");
  bench.document["plans"] = std::move(out);
}

Status import_steps(Workbench& bench) {
  Table& table = bench.table("FulfillmentStepDefinition.csv");
  const std::map<std::string, json::object> fallout = fallout_by_type(bench);
  StepNotes notes;
  std::map<std::string, std::set<std::string>> taken;
  json::array& plans = bench.document["plans"].as_array();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string& name = table.cell(i, "Name");
    const auto plan = bench.plan_of_group.find(table.cell(i, "StepDefinitionGroup.Name"));
    if (plan == bench.plan_of_group.end()) {
      notes.unknown_group.push_back(name);
      continue;
    }
    json::object item{{"name", name}};
    if (!set_type(bench, item, table, i, notes)) continue;
    if (const auto rule = fallout.find(table.cell(i, "StepType")); rule != fallout.end() && item["type"] != "milestone")
      for (const auto& member : rule->second)
        if (!item.contains(member.key())) item[member.key()] = member.value();
    item["key"] = fresh_key(name, taken[plan->second]);
    set_scope(item, name, table, i, notes);
    set_time(item, name, table, i, notes);
    if (table.cell(i, "PointOfNoReturn") == "true") item["pointOfNoReturn"] = true;
    if (table.cell(i, "IsSkipBranch") == "true") item["skipBranch"] = true;
    bench.items_of_step[name].push_back(plan->second + "/" + std::string(item["key"].as_string()));
    for (json::value& entry : plans)
      if (entry.at("key").as_string() == plan->second) entry.as_object()["items"].as_array().push_back(item);
  }
  tell(bench, notes);
  if (!notes.no_interface.empty())
    return fail(Code::import_failed, "overlay.json gives no interface for the integration of: {}", some_of(notes.no_interface));
  return {};
}

}  // namespace backstitch::import
