#include <algorithm>

#include "rules/import/workbench.h"

namespace backstitch::import {
namespace json = boost::json;
namespace {

// {"product":…} or {"class":…}; empty when the row names neither, both, or what is not there.
json::object target(Workbench& bench, const std::string& product, const std::string& class_name) {
  if (product.empty() == class_name.empty()) return {};
  if (!product.empty()) return bench.products.contains(product) ? json::object{{"product", product}} : json::object{};
  const auto found = bench.class_of_name.find(class_name);
  return found == bench.class_of_name.end() ? json::object{} : json::object{{"class", found->second}};
}

json::object dependency(const std::string& item, const std::string& depends_on, const char* scope) {
  return {{"item", item}, {"dependsOn", depends_on}, {"scope", scope}};
}

const char* dependency_scope(const std::string& text) {
  if (text == "LineItem") return "OrderItem";
  if (text == "Custom") return "Custom";
  return text == "Plan" ? "Global" : nullptr;
}

const char* action_of(const std::string& word) {
  if (word == "Add") return "Add";
  if (word == "Amend") return "Change";
  if (word == "Cancel") return "Disconnect";
  if (word == "No Change") return "NoChange";
  return word == "Renew" ? "Renew" : nullptr;
}

json::array actions_of(const std::string& text, std::vector<std::string>& unknown) {
  json::array out;
  for (const std::string& word : split(text, ';')) {
    if (const char* action = action_of(word))
      out.emplace_back(action);
    else
      unknown.push_back(word);
  }
  return out;
}

const std::string* item_of_step(Workbench& bench, const std::string& step, std::vector<std::string>& ambiguous) {
  const auto found = bench.items_of_step.find(step);
  if (found == bench.items_of_step.end()) return nullptr;
  if (found->second.size() > 1) ambiguous.push_back(fmt::format("{} (taken: {})", step, found->second[0]));
  return &found->second[0];
}

}  // namespace

void import_rules(Workbench& bench) {
  Table& table = bench.table("ProductFulfillmentDecompRule.csv");
  json::array out;
  std::set<std::string> taken;
  std::vector<std::string> left_out;
  std::size_t blank_priorities = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string &name = table.cell(i, "Name"), &to = table.cell(i, "DestinationProduct.StockKeepingUnit"),
                      &priority = table.cell(i, "Priority");
    json::object from =
        target(bench, table.cell(i, "SourceProduct.StockKeepingUnit"), table.cell(i, "SourceProductClassification.Name"));
    if (from.empty() || !bench.products.contains(to)) {
      left_out.push_back(name);
      continue;
    }
    bench.technical.insert(to);
    json::object rule{{"key", fresh_key(name, taken)}, {"from", std::move(from)}, {"to", to}};
    if (priority.empty())
      ++blank_priorities;
    else
      rule["priority"] = static_cast<std::int64_t>(std::strtoll(priority.c_str(), nullptr, 10));
    out.push_back(std::move(rule));
  }
  if (!left_out.empty())
    bench.note("relationships without one known source and a known destination are left out: {}", some_of(left_out));
  if (blank_priorities > 0)
    bench.note("{} of {} relationships have a blank priority: taken as 0, ties in the order of their keys", blank_priorities,
               table.size());
  bench.note("relationships carry no conditions and no attribute mappings in this export: technical lines start without values");
  bench.document["decomposition"] = std::move(out);
}

void import_scenarios(Workbench& bench) {
  Table& table = bench.table("ProductFulfillmentScenario.csv");
  json::array out;
  std::set<std::string> taken;
  std::vector<std::string> left_out, unknown_actions;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string &name = table.cell(i, "Name"), &product = table.cell(i, "Product.StockKeepingUnit");
    json::object for_what = target(bench, product, table.cell(i, "ProductClassification.Name"));
    const auto plan = bench.plan_of_group.find(table.cell(i, "FulfillmentStepDefnGroup.Name"));
    json::array actions = actions_of(table.cell(i, "Action"), unknown_actions);
    if (for_what.empty() || plan == bench.plan_of_group.end() || actions.empty()) {
      left_out.push_back(name);
      continue;
    }
    if (!product.empty()) bench.technical.insert(product);
    out.push_back(json::object{
        {"key", fresh_key(name, taken)}, {"for", std::move(for_what)}, {"plan", plan->second}, {"actions", std::move(actions)}});
  }
  bench.note(
      "actions of scenarios: Amend is Change, Cancel is Disconnect, No Change is NoChange; Renew stays an action of its own");
  if (!unknown_actions.empty()) bench.note("unknown actions are left out: {}", some_of(unknown_actions));
  if (!left_out.empty())
    bench.note("scenarios without a known product or class, group or action are left out: {}", some_of(left_out));
  bench.document["scenarios"] = std::move(out);
}

void import_dependencies(Workbench& bench) {
  Table& table = bench.table("FulfillmentStepDependencyDef.csv");
  json::array out;
  std::vector<std::string> left_out, ambiguous, unknown_scopes;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string &name = table.cell(i, "Name"), &scope_text = table.cell(i, "DependencyScope");
    const std::string* item = item_of_step(bench, table.cell(i, "FulfillmentStepDefinition.Name"), ambiguous);
    const std::string* depends_on = item_of_step(bench, table.cell(i, "DependsOnStepDefinition.Name"), ambiguous);
    if (!item || !depends_on) {
      left_out.push_back(name);
      continue;
    }
    const char* scope = dependency_scope(scope_text);
    if (!scope) unknown_scopes.push_back(fmt::format("{} ({})", name, scope_text)), scope = "Global";
    out.push_back(dependency(*item, *depends_on, scope));
  }
  bench.note(
      "dependency scopes: Plan is Global (the whole order), LineItem is Order Item, Custom binds instances of the same group "
      "value");
  if (!ambiguous.empty())
    bench.note("dependencies name steps without their group, and these names stand in several groups: {}", some_of(ambiguous));
  if (!unknown_scopes.empty()) bench.note("unknown dependency scopes are taken as Global: {}", some_of(unknown_scopes));
  if (!left_out.empty()) bench.note("dependencies on steps that are not there are left out: {}", some_of(left_out));
  bench.document["dependencies"] = std::move(out);
}

}  // namespace backstitch::import
