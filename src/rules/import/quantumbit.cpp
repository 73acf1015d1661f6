#include "rules/import/quantumbit.h"

#include <algorithm>

#include "base/json.h"
#include "rules/catalog_json.h"
#include "rules/import/workbench.h"

namespace backstitch::import {
namespace json = boost::json;
namespace {

constexpr const char* required_files[] = {"Product2.csv",
                                          "Product2.fulfillment.csv",
                                          "ProductFulfillmentDecompRule.csv",
                                          "ProductFulfillmentScenario.csv",
                                          "FulfillmentStepDefinition.csv",
                                          "FulfillmentStepDefinitionGroup.csv",
                                          "FulfillmentStepDependencyDef.csv"};
constexpr const char* optional_files[] = {
    "AttributeDefinition.csv",        "AttributePicklist.csv",     "AttributePicklistValue.csv",    "FulfillmentFalloutRule.csv",
    "ProductAttributeDefinition.csv", "ProductClassification.csv", "ProductClassificationAttr.csv", "ProductComponentGroup.csv",
    "ProductRelatedComponent.csv",    "IntegrationProviderDef.csv"};
constexpr std::pair<const char*, const char*> unused_files[] = {
    {"FulfillmentStepJeopardyRule.csv", "jeopardy is not part of this version"},
    {"FulfillmentTaskAssignmentRule.csv", "every manual task goes to the one queue"},
    {"FulfillmentWorkspace.csv", "it groups rules for display"},
    {"FulfillmentWorkspaceItem.csv", "it groups rules for display"},
    {"ProductRelationshipType.csv", "every component is a bundle component"}};

Status read_tables(Workbench& bench, const std::map<std::string, std::string>& files) {
  std::vector<std::string> missing;
  for (const char* name : required_files)
    if (!files.contains(name)) missing.push_back(name);
  if (!missing.empty()) return fail(Code::import_failed, "missing: {}", some_of(missing, 20));
  for (const auto& [name, content] : files) {
    if (!name.ends_with(".csv")) continue;
    auto table = Table::read(name, content);
    if (!table) return fail(std::move(table.error()));
    if (table->not_available_cells() > 0)
      bench.note("{}: {} cells \"#N/A\" are taken as blank", name, table->not_available_cells());
    bench.tables[name] = std::move(*table);
  }
  return {};
}

Status read_overlay(Workbench& bench, const std::map<std::string, std::string>& files) {
  const auto found = files.find("overlay.json");
  if (found == files.end()) {
    bench.note("no overlay.json: no systems, and no interface for an integration");
    return {};
  }
  const auto parsed = parse_json(found->second);
  if (!parsed) return fail(Code::import_failed, "overlay.json: {}", parsed.error().detail);
  if (!parsed->is_object()) return fail(Code::import_failed, "overlay.json is not an object");
  bench.overlay = parsed->get_object();
  return {};
}

void choose_products(Workbench& bench) {
  Table& table = bench.table("Product2.csv");
  std::vector<std::string> inactive, doubles;
  std::size_t without_sku = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string& sku = table.cell(i, "StockKeepingUnit");
    if (sku.empty())
      ++without_sku;
    else if (table.cell(i, "IsActive") == "false")
      inactive.push_back(sku);
    else if (!bench.products.insert(sku).second)
      doubles.push_back(sku);
  }
  if (without_sku > 0) bench.note("{} products without a StockKeepingUnit are left out", without_sku);
  if (!inactive.empty()) bench.note("products that are not active are left out: {}", some_of(inactive));
  if (!doubles.empty()) bench.note("StockKeepingUnits that stand twice: {}", some_of(doubles));
}

// What is ours and not in the export: systems, and plans that the export leaves to the org's own flows.
void merge_overlay(Workbench& bench) {
  for (const char* section : {"systems", "plans", "dependencies", "scenarios"}) {
    const json::value* ours = bench.overlay.if_contains(section);
    if (!ours || !ours->is_array()) continue;
    if (!bench.document.contains(section)) bench.document[section] = json::array();
    json::array& list = bench.document[section].as_array();
    for (const json::value& entry : ours->get_array()) list.push_back(entry);
    bench.note("overlay.json adds {} {}", ours->get_array().size(), section);
  }
}

// Whose lines no relationship looks at: such lines are skipped, which is no fault (F025).
void note_lines_without_work(Workbench& bench, const Catalog& catalog) {
  std::size_t idle = 0, makes = 0;
  for (const Product& product : catalog.products) {
    if (product.technical) continue;
    (catalog.rules_for(product).empty() ? idle : makes) += 1;
  }
  bench.note("{} commercial products decompose; the lines of the other {} are skipped, which is no error", makes, idle);
  std::vector<std::string> without_plan;
  for (const Product& product : catalog.products)
    if (product.technical && catalog.scenarios_for(product).empty()) without_plan.push_back(product.key);
  if (!without_plan.empty()) bench.note("technical products without a scenario bring no items: {}", some_of(without_plan));
}

void note_integrations(Workbench& bench) {
  Table &table = bench.table("IntegrationProviderDef.csv"), &steps = bench.table("FulfillmentStepDefinition.csv");
  std::vector<std::string> unused;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string& name = table.cell(i, "DeveloperName");
    bool used = false;
    for (std::size_t s = 0; s < steps.size(); ++s)
      used = used || (steps.cell(s, "StepType") == "Callout" && steps.cell(s, "IntegrationDefinitionName.DeveloperName") == name);
    if (!used) unused.push_back(name);
  }
  if (!unused.empty()) bench.note("integrations that no callout names are left out: {}", some_of(unused));
}

}  // namespace

void note_unused(Workbench& bench) {
  std::set<std::string> told;
  for (const auto& [name, why] : unused_files) {
    told.insert(name);
    if (const auto found = bench.tables.find(name); found != bench.tables.end() && found->second.size() > 0)
      bench.note("{} is not used ({} rows): {}", name, found->second.size(), why);
  }
  std::set<std::string> read(std::begin(required_files), std::end(required_files));
  read.insert(std::begin(optional_files), std::end(optional_files));
  for (const auto& [name, table] : bench.tables) {
    if (told.contains(name)) continue;
    if (!read.contains(name))
      bench.note("{} is not known and not used ({} rows)", name, table.size());
    else if (const std::vector<std::string> columns = table.unread(); !columns.empty())
      bench.note("{}: columns that hold values and are not used: {}", name, some_of(columns, 20));
  }
}

Result<Imported> import_quantumbit(const std::map<std::string, std::string>& files, const std::string& source,
                                   std::int64_t index) {
  Workbench bench;
  BS_TRY(read_tables(bench, files));
  BS_TRY(read_overlay(bench, files));
  bench.document = {{"format", "backstitch.catalog/1"}, {"source", source}, {"index", index}};
  choose_products(bench);
  import_attributes(bench);
  import_classes(bench);
  import_rules(bench);
  import_plans(bench);
  BS_TRY(import_steps(bench));
  import_dependencies(bench);
  import_scenarios(bench);
  import_products(bench);
  merge_overlay(bench);
  const auto catalog = parse_catalog(bench.document);
  if (!catalog) {
    Error error = catalog.error();
    error.code = Code::import_failed;
    return fail(std::move(error));
  }
  note_integrations(bench);
  note_lines_without_work(bench, **catalog);
  note_unused(bench);
  return Imported{catalog_json(**catalog), std::move(bench.notices)};
}

}  // namespace backstitch::import
