#include <algorithm>
#include <boost/json.hpp>

#include "model/names.h"
#include "rules/catalog_read.h"
#include "rules/condition_json.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr Named<MappingType> mapping_types[] = {
    {MappingType::ad_verbatim, "adVerbatim"}, {MappingType::list, "list"}, {MappingType::fixed, "static"}};
constexpr Named<QuantityMethod> quantity_methods[] = {{QuantityMethod::aggregate, "Aggregate"},
                                                      {QuantityMethod::always_one, "AlwaysOne"}};
constexpr Named<bool> kinds[] = {{false, "commercial"}, {true, "technical"}};

std::optional<MappingType> mapping_type_from(std::string_view text) { return value_in(mapping_types, text); }
std::optional<QuantityMethod> quantity_method_from(std::string_view text) { return value_in(quantity_methods, text); }
std::optional<bool> kind_from(std::string_view text) { return value_in(kinds, text); }

Value constant(ObjectReader& reader, const std::string& name, const json::value* value) {
  if (value && value->is_structured())
    reader.fault(name, Code::catalog_bad_value, "must be a text, a number, true, false or null");
  return value ? value_from(*value) : Value();
}

AttributeDefinition read_attribute(ObjectReader& reader) {
  AttributeDefinition attribute;
  attribute.key = reader.text("key", true);
  attribute.name = reader.text("name");
  if (const std::string type = reader.text("type"); type == "text" || type == "number" || type == "boolean")
    attribute.type = type;
  else if (!type.empty())
    reader.fault("type", Code::catalog_bad_value, fmt::format("\"{}\" is none of text, number, boolean", type));
  const json::array* picklist = reader.list("picklist");
  for (std::size_t i = 0; i < list_size(picklist); ++i)
    attribute.picklist.push_back(constant(reader, "picklist", &(*picklist)[i]));
  return attribute;
}

ProductChild read_child(ObjectReader& reader) {
  ProductChild child;
  child.product = reader.text("product", true);
  child.min = reader.whole("min", 0, 0, number_max);
  child.max = reader.whole("max", 1, -1, number_max);
  child.quantity = reader.whole("default", 1, 0, number_max);
  child.selected = reader.truth("selected", true);
  child.group = reader.text("group");
  if (child.max >= 0 && child.min > child.max)
    reader.fault("min", Code::catalog_bad_value,
                 fmt::format("{} is more than max ({}); max -1 means no bound", child.min, child.max));
  return child;
}

Product read_product(ObjectReader& reader) {
  Product product;
  product.key = reader.text("key", true);
  product.name = reader.text("name");
  product.class_key = reader.text("class");
  product.technical = reader.choice<bool>("kind", kind_from, false);
  product.scope = reader.choice("scope", product_scope_from, ProductScope::order_item);
  product.scope_field = reader.text("scopeField");
  product.quantity_method = reader.choice("quantityMethod", quantity_method_from, QuantityMethod::aggregate);
  product.inventory = reader.truth("inventory", false);
  product.attributes = reader.texts("attributes");
  std::sort(product.attributes.begin(), product.attributes.end());
  read_list(reader, "children", [&](ObjectReader& child) { product.children.push_back(read_child(child)); });
  read_list(reader, "groups", [&](ObjectReader& group) {
    product.groups.push_back(
        {group.text("key", true), group.whole("min", 0, 0, number_max), group.whole("max", -1, -1, number_max)});
  });
  if ((product.scope == ProductScope::custom) == product.scope_field.empty())
    reader.fault("scopeField", Code::catalog_bad_value, "stands with scope Custom, and only with it");
  return product;
}

Mapping read_mapping(ObjectReader& reader) {
  Mapping mapping;
  mapping.type = reader.choice("type", mapping_type_from, MappingType::ad_verbatim, true);
  mapping.to = reader.text("to", true);
  if (mapping.type == MappingType::fixed) {
    mapping.value = constant(reader, "value", reader.member("value", true));
    return mapping;
  }
  mapping.from = reader.text("from", true);
  if (!mapping.from.empty() && !mapping.from.starts_with("attribute.") && !mapping.from.starts_with("field.") &&
      !mapping.from.starts_with("order."))
    reader.fault("from", Code::mapping_invalid, fmt::format("\"{}\" starts with none of attribute. field. order.", mapping.from));
  if (mapping.type == MappingType::list)
    if (const json::object* pairs = reader.object("pairs", true))
      for (const auto& pair : *pairs)
        mapping.pairs.emplace_back(std::string(pair.key()), constant(reader, "pairs", &pair.value()));
  std::sort(mapping.pairs.begin(), mapping.pairs.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return mapping;
}

DecompositionRule read_rule(ObjectReader& reader) {
  DecompositionRule rule;
  rule.key = reader.text("key", true);
  if (const json::value* value = reader.member("from", true)) {
    ObjectReader from(*value, reader.at("from"), reader.faults());
    rule.from_product = from.text("product");
    rule.from_class = from.text("class");
    if (rule.from_product.empty() == rule.from_class.empty())
      reader.fault("from", Code::catalog_bad_value, "names a product or a class, one of them");
    from.finish();
  }
  rule.to = reader.text("to", true);
  rule.priority = reader.whole("priority", 0, -number_max, number_max);
  rule.xor_group = reader.text("xor");
  if (const json::value* when = reader.member("when")) rule.when = read_condition(*when, reader.at("when"), reader.faults());
  read_list(reader, "mappings", [&](ObjectReader& mapping) { rule.mappings.push_back(read_mapping(mapping)); });
  return rule;
}

}  // namespace

void read_products(ObjectReader& root, Catalog& catalog) {
  read_list(root, "classes", [&](ObjectReader& reader) {
    catalog.classes.push_back({reader.text("key", true), reader.text("parent"), reader.text("name")});
  });
  read_list(root, "attributes", [&](ObjectReader& reader) { catalog.attributes.push_back(read_attribute(reader)); });
  read_list(root, "products", [&](ObjectReader& reader) { catalog.products.push_back(read_product(reader)); }, true);
  read_list(root, "decomposition", [&](ObjectReader& reader) { catalog.decomposition.push_back(read_rule(reader)); });
}

}  // namespace backstitch
