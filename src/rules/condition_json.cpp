#include "rules/condition_json.h"

#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "model/names.h"
#include "rules/catalog_json.h"
#include "rules/object_reader.h"

namespace backstitch {
namespace json = boost::json;
namespace {

// The first name of an operator is the one that is written.
constexpr Named<Compare> operators[] = {{Compare::equal, "="},
                                        {Compare::not_equal, "!="},
                                        {Compare::less, "<"},
                                        {Compare::less_equal, "<="},
                                        {Compare::greater, ">"},
                                        {Compare::greater_equal, ">="},
                                        {Compare::contains, "contains"},
                                        {Compare::does_not_contain, "doesNotContain"},
                                        {Compare::does_not_contain, "doesnotcontain"},
                                        {Compare::equal, "=="},
                                        {Compare::not_equal, "<>"}};
constexpr std::array<std::string_view, 4> path_kinds = {"attribute.", "field.", "order.", "product."};

std::optional<Compare> operator_from(std::string_view text) { return value_in(operators, text); }

bool is_path(const std::string& path) {
  for (const std::string_view kind : path_kinds)
    if (path.starts_with(kind) && path.size() > kind.size()) return true;
  return false;
}

void check_simple(ObjectReader& reader, const std::string& left_name, const Condition& condition) {
  if (!condition.left.empty() && !is_path(condition.left))
    reader.fault(left_name, Code::condition_invalid,
                 fmt::format("\"{}\" starts with none of attribute. field. order. product.", condition.left));
}

Condition read_simple(ObjectReader& reader) {
  Condition condition;
  condition.left = reader.text("left", true);
  condition.op = reader.choice("op", operator_from, Compare::equal, true);
  if (const json::value* right = reader.member("right")) {
    if (right->is_structured()) reader.fault("right", Code::condition_invalid, "must be a text, a number, true, false or null");
    condition.right = value_from(*right);
  }
  check_simple(reader, "left", condition);
  return condition;
}

// ---- the exported form (order-management 4.5): type, singleconditions, left-side-type, left-side, op, right-side --------------

std::string exported_path(const std::string& type, const std::string& left) {
  if (left.starts_with("Product2.")) return "product." + left.substr(9);
  if (left.starts_with("Order.")) return "order." + left.substr(6);
  return (type == "attribute" || type == "Attribute" ? "attribute." : "field.") + left;
}

Value exported_constant(const json::value* right, const std::string& type) {
  if (!right) return {};
  const Value value = value_from(*right);
  const auto* text = std::get_if<std::string>(&value);
  if (!text) return value;
  if (type == "double" || type == "currency" || type == "number") {
    double number = 0;
    const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (ec == std::errc() && end == text->data() + text->size() && !text->empty()) return number;
  }
  if (type == "checkbox" || type == "boolean") return *text == "true" || *text == "1";
  return value;
}

Condition read_exported_simple(ObjectReader& reader) {
  Condition condition;
  const std::string type = reader.text("left-side-type"), left = reader.text("left-side", true);
  condition.left = exported_path(type, left);
  condition.op = reader.choice("op", operator_from, Compare::equal, true);
  condition.right = exported_constant(reader.member("right-side"), reader.text("left-side-datatype"));
  reader.member("right-side-type");
  reader.member("right-side-datatype");
  return condition;
}

std::vector<Condition> read_parts(ObjectReader& reader, const std::string& name) {
  std::vector<Condition> parts;
  const json::array* list = reader.list(name, true);
  for (std::size_t i = 0; list && i < list->size(); ++i)
    parts.push_back(read_condition((*list)[i], child_pointer(reader.at(name), std::to_string(i)), reader.faults()));
  return parts;
}

Condition read_exported(ObjectReader& reader) {
  const std::string type = reader.text("type");
  if (type.empty() || type == "SIMPLE") return read_exported_simple(reader);
  Condition condition;
  condition.parts = read_parts(reader, "singleconditions");
  if (type == "AND")
    condition.kind = Condition::Kind::all;
  else if (type == "OR")
    condition.kind = Condition::Kind::any;
  else if (type == "NOT")
    condition.kind = Condition::Kind::negation;
  else
    reader.fault("type", Code::condition_invalid, fmt::format("\"{}\" is none of SIMPLE, AND, OR, NOT", type));
  if (type == "NOT" && condition.parts.size() != 1)
    reader.fault("singleconditions", Code::condition_invalid, "NOT takes one condition");
  return condition;
}

json::array parts_json(const Condition& condition) {
  json::array out;
  for (const Condition& part : condition.parts) out.push_back(condition_json(part));
  return out;
}

}  // namespace

Condition read_condition(const json::value& value, const std::string& pointer, std::vector<Fault>& faults) {
  ObjectReader reader(value, pointer, faults);
  Condition condition;
  const json::object* object = value.if_object();
  if (!object) return condition;
  if (object->contains("all") || object->contains("any")) {
    const bool all = object->contains("all");
    condition.kind = all ? Condition::Kind::all : Condition::Kind::any;
    condition.parts = read_parts(reader, all ? "all" : "any");
  } else if (const json::value* negated = object->if_contains("not")) {
    reader.member("not");
    condition.kind = Condition::Kind::negation;
    condition.parts.push_back(read_condition(*negated, reader.at("not"), faults));
  } else if (object->contains("type") || object->contains("left-side")) {
    condition = read_exported(reader);
  } else {
    condition = read_simple(reader);
  }
  reader.finish();
  return condition;
}

json::value condition_json(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::all: return json::object{{"all", parts_json(condition)}};
    case Condition::Kind::any: return json::object{{"any", parts_json(condition)}};
    case Condition::Kind::negation:
      return json::object{{"not", condition.parts.empty() ? json::value() : condition_json(condition.parts[0])}};
    case Condition::Kind::simple: break;
  }
  return json::object{{"left", condition.left}, {"op", name_in(operators, condition.op)}, {"right", to_json(condition.right)}};
}

Result<Condition> parse_condition(const json::value& value) {
  // A null condition is always true.
  if (value.is_null()) return Condition{Condition::Kind::all, {}, {}, {}, {}};
  Error error{Code::condition_invalid, {}, {}};
  Condition condition = read_condition(value, "", error.faults);
  if (error.faults.empty()) return condition;
  error.detail =
      fmt::format("{} faults, the first at \"{}\": {}", error.faults.size(), error.faults[0].pointer, error.faults[0].detail);
  return fail(std::move(error));
}

}  // namespace backstitch
