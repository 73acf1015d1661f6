#include <algorithm>
#include <charconv>

#include "rules/import/workbench.h"

namespace backstitch::import {
namespace json = boost::json;
namespace {

using NamesByKey = std::map<std::string, std::vector<std::string>>;

std::optional<double> number_of(const std::string& text) {
  double number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::int64_t whole_or(const std::string& text, std::int64_t otherwise) {
  const auto number = number_of(text);
  return number ? static_cast<std::int64_t>(*number) : otherwise;
}

// Values of each picklist that are in use; a Draft value is not offered yet.
NamesByKey picklist_values(Workbench& bench) {
  Table& table = bench.table("AttributePicklistValue.csv");
  NamesByKey out;
  std::vector<std::string> left_out;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string &picklist = table.cell(i, "Picklist.Name"), &value = table.cell(i, "Value");
    if (table.cell(i, "Status") == "Active")
      out[picklist].push_back(value);
    else
      left_out.push_back(picklist + ": " + value);
  }
  if (!left_out.empty()) bench.note("picklist values that are not Active are left out: {}", some_of(left_out));
  return out;
}

std::set<std::string> number_picklists(Workbench& bench, const NamesByKey& values) {
  Table& table = bench.table("AttributePicklist.csv");
  std::set<std::string> out;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string& name = table.cell(i, "Name");
    if (table.cell(i, "DataType") != "Number") continue;
    const auto found = values.find(name);
    const bool all = found != values.end() && std::all_of(found->second.begin(), found->second.end(),
                                                          [](const auto& v) { return number_of(v).has_value(); });
    if (all)
      out.insert(name);
    else
      bench.note("picklist \"{}\" is of numbers, but not all its values are: taken as texts", name);
  }
  return out;
}

json::value picklist_value(const std::string& text, bool number) {
  if (!number) return json::string(text);
  const double value = *number_of(text);
  if (value == static_cast<double>(static_cast<std::int64_t>(value))) return static_cast<std::int64_t>(value);
  return value;
}

// Attributes of each product or class; one that is not Active is not on its lines.
NamesByKey attributes_by(Workbench& bench, const std::string& file, const std::string& owner) {
  Table& table = bench.table(file);
  NamesByKey out;
  std::vector<std::string> left_out;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string &key = table.cell(i, owner), &attribute = table.cell(i, "AttributeDefinition.Code");
    if (table.cell(i, "Status") == "Active")
      out[key].push_back(attribute);
    else
      left_out.push_back(key + ": " + attribute);
  }
  if (!left_out.empty()) bench.note("{}: assignments that are not Active are left out: {}", file, some_of(left_out));
  return out;
}

struct Bundles {
  std::map<std::string, json::array> children, groups;
};

void read_groups(Workbench& bench, Bundles& bundles) {
  Table& table = bench.table("ProductComponentGroup.csv");
  std::vector<std::string> nested;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string &code = table.cell(i, "Code"), &parent = table.cell(i, "ParentProduct.StockKeepingUnit");
    if (!table.cell(i, "ParentGroup.Code").empty()) nested.push_back(code);
    bundles.groups[parent].push_back(json::object{{"key", code},
                                                  {"min", whole_or(table.cell(i, "MinBundleComponents"), 0)},
                                                  {"max", whole_or(table.cell(i, "MaxBundleComponents"), -1)}});
  }
  if (!nested.empty()) bench.note("groups inside groups are taken as groups of their product: {}", some_of(nested));
}

bool add_child(Workbench& bench, Bundles& bundles, Table& table, std::size_t row) {
  const std::string &parent = table.cell(row, "ParentProduct.StockKeepingUnit"),
                    &child = table.cell(row, "ChildProduct.StockKeepingUnit");
  if (!bench.products.contains(parent) || !bench.products.contains(child)) return false;
  for (const json::value& other : bundles.children[parent])
    if (other.at("product").as_string() == child) return false;
  const bool required = table.cell(row, "IsComponentRequired") == "true";
  const std::int64_t least = whole_or(table.cell(row, "MinQuantity"), 1), most = whole_or(table.cell(row, "MaxQuantity"), -1);
  std::int64_t quantity = std::max<std::int64_t>(whole_or(table.cell(row, "Quantity"), 1), 1);
  if (most >= 0) quantity = std::min(quantity, most);
  json::object out{
      {"product", child}, {"min", required ? std::max<std::int64_t>(least, 1) : 0}, {"max", most}, {"default", quantity}};
  if (!required && table.cell(row, "IsDefaultComponent") != "true") out["selected"] = false;
  const std::string& group = table.cell(row, "ProductComponentGroup.Code");
  for (const json::value& known : bundles.groups[parent])
    if (known.at("key").as_string() == group) out["group"] = group;
  bundles.children[parent].push_back(std::move(out));
  return true;
}

Bundles read_bundles(Workbench& bench) {
  Bundles bundles;
  read_groups(bench, bundles);
  Table& table = bench.table("ProductRelatedComponent.csv");
  std::vector<std::string> left_out;
  for (std::size_t i = 0; i < table.size(); ++i)
    if (!add_child(bench, bundles, table, i))
      left_out.push_back(table.cell(i, "ParentProduct.StockKeepingUnit") + " > " +
                         table.cell(i, "ChildProduct.StockKeepingUnit") + table.cell(i, "ChildProductClassification.Code"));
  if (!left_out.empty()) bench.note("components that name no product, or stand twice, are left out: {}", some_of(left_out));
  if (table.size() > 0)
    bench.note("a blank maximum quantity of a component means no bound; a blank minimum of one that is not required means 0");
  return bundles;
}

struct ScopeNotes {
  std::vector<std::string> custom, ignored_field, unknown, no_field, blank_quantity, commercial, unreached;
};

std::string scope_of(const std::string& text) {
  if (text == "OrderLineItem" || text.empty()) return "OrderItem";
  if (text == "Bundle") return "TopOrderItem";
  if (text == "Order" || text == "Account" || text == "Custom") return text;
  return {};
}

void set_scope(json::object& product, const std::string& sku, Table& table, std::size_t row, ScopeNotes& notes) {
  const std::string &field = table.cell(row, "CustomDecompositionScope"), &method = table.cell(row, "FulfillmentQtyCalcMethod");
  std::string scope = scope_of(table.cell(row, "DecompositionScope"));
  if (scope.empty()) notes.unknown.push_back(sku + " (" + table.cell(row, "DecompositionScope") + ")"), scope = "OrderItem";
  if (scope == "Custom" && field.empty()) notes.no_field.push_back(sku), scope = "OrderItem";
  if (scope == "Custom") product["scopeField"] = field, notes.custom.push_back(fmt::format("{} ({})", sku, field));
  if (scope != "Custom" && !field.empty()) notes.ignored_field.push_back(fmt::format("{} ({}, scope {})", sku, field, scope));
  if (method.empty()) notes.blank_quantity.push_back(sku);
  product["scope"] = scope;
  product["quantityMethod"] = method == "AlwaysOne" ? "AlwaysOne" : "Aggregate";
}

void tell(Workbench& bench, const ScopeNotes& notes) {
  if (!notes.custom.empty())
    bench.note("scope Custom is one instance per value of the group field on the line; lines without a value are one group: {}",
               some_of(notes.custom, 12));
  if (!notes.ignored_field.empty())
    bench.note("a group field beside a scope that is not Custom is ignored: {}", some_of(notes.ignored_field));
  if (!notes.unknown.empty()) bench.note("unknown scopes are taken as Order Item: {}", some_of(notes.unknown));
  if (!notes.no_field.empty())
    bench.note("scope Custom without a group field is taken as Order Item: {}", some_of(notes.no_field));
  if (!notes.blank_quantity.empty())
    bench.note("a blank quantity method means the sum of the sources (Aggregate): {}", some_of(notes.blank_quantity));
  if (!notes.commercial.empty())
    bench.note("{} commercial products have a decomposition scope; only that of technical products is used",
               notes.commercial.size());
  if (!notes.unreached.empty())
    bench.note("no relationship makes these, although their scope reads technical: kept as commercial products: {}",
               some_of(notes.unreached));
}

}  // namespace

void import_attributes(Workbench& bench) {
  const NamesByKey values = picklist_values(bench);
  const std::set<std::string> numbers = number_picklists(bench, values);
  Table& table = bench.table("AttributeDefinition.csv");
  json::array out;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string &type = table.cell(i, "DataType"), &picklist = table.cell(i, "Picklist.Name");
    json::object attribute{{"key", table.cell(i, "Code")}, {"name", table.cell(i, "Name")}};
    const bool number = type == "Number" || numbers.contains(picklist);
    if (number) attribute["type"] = "number";
    if (type == "Checkbox") attribute["type"] = "boolean";
    json::array list;
    if (const auto found = values.find(picklist); found != values.end())
      for (const std::string& value : found->second) list.push_back(picklist_value(value, number));
    if (!list.empty()) attribute["picklist"] = std::move(list);
    out.push_back(std::move(attribute));
  }
  bench.document["attributes"] = std::move(out);
}

void import_classes(Workbench& bench) {
  Table& table = bench.table("ProductClassification.csv");
  json::array out;
  std::vector<std::string> not_active;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string &code = table.cell(i, "Code"), &name = table.cell(i, "Name");
    json::object entry{{"key", code}, {"name", name}};
    if (const std::string& parent = table.cell(i, "ParentProductClassification.Code"); !parent.empty()) entry["parent"] = parent;
    if (table.cell(i, "Status") != "Active") not_active.push_back(code + " (" + table.cell(i, "Status") + ")");
    if (!bench.class_of_name.emplace(name, code).second)
      bench.note("two classes are named \"{}\"; a rule that says so means {}", name, bench.class_of_name[name]);
    out.push_back(std::move(entry));
  }
  if (!not_active.empty())
    bench.note("classes that are not Active are kept, because products may name them: {}", some_of(not_active));
  bench.document["classes"] = std::move(out);
}

void import_products(Workbench& bench) {
  Table &table = bench.table("Product2.csv"), &fulfilment = bench.table("Product2.fulfillment.csv");
  std::map<std::string, std::size_t> fulfilment_row;
  for (std::size_t i = 0; i < fulfilment.size(); ++i) fulfilment_row.emplace(fulfilment.cell(i, "StockKeepingUnit"), i);
  const NamesByKey own = attributes_by(bench, "ProductAttributeDefinition.csv", "Product2.StockKeepingUnit");
  const NamesByKey of_class = attributes_by(bench, "ProductClassificationAttr.csv", "ProductClassification.Code");
  Bundles bundles = read_bundles(bench);
  ScopeNotes notes;
  std::vector<std::string> without_row;
  json::array out;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string &sku = table.cell(i, "StockKeepingUnit"), &class_key = table.cell(i, "BasedOn.Code");
    if (!bench.products.contains(sku)) continue;
    json::object product{{"key", sku}, {"name", table.cell(i, "Name")}};
    if (!class_key.empty()) product["class"] = class_key;
    std::set<std::string> attributes;
    if (const auto found = own.find(sku); found != own.end()) attributes.insert(found->second.begin(), found->second.end());
    if (const auto found = of_class.find(class_key); found != of_class.end())
      attributes.insert(found->second.begin(), found->second.end());
    if (!attributes.empty()) product["attributes"] = json::array(attributes.begin(), attributes.end());
    if (!bundles.children[sku].empty()) product["children"] = bundles.children[sku];
    if (!bundles.groups[sku].empty()) product["groups"] = bundles.groups[sku];
    const auto row = fulfilment_row.find(sku);
    const bool technical = bench.technical.contains(sku);
    product["kind"] = technical ? "technical" : "commercial";
    if (row == fulfilment_row.end())
      without_row.push_back(sku);
    else if (technical)
      set_scope(product, sku, fulfilment, row->second, notes);
    else if (const std::string& scope = fulfilment.cell(row->second, "DecompositionScope");
             scope == "Custom" || scope == "Account")
      notes.unreached.push_back(sku);
    else if (!scope.empty())
      notes.commercial.push_back(sku);
    // Assetise keeps the technical counterpart of what the customer owns (order-management 3.9).
    if (technical && table.cell(i, "IsAssetizable") == "true") product["inventory"] = true;
    out.push_back(std::move(product));
  }
  if (!without_row.empty())
    bench.note("products without a row in Product2.fulfillment.csv have scope Order Item: {}", some_of(without_row));
  tell(bench, notes);
  bench.document["products"] = std::move(out);
}

}  // namespace backstitch::import
