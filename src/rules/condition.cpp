#include "rules/condition.h"

#include <algorithm>
#include <charconv>

#include "base/probe.h"
#include "model/fulfilment.h"

namespace backstitch {
namespace {

// Kleene's three values: what cannot be evaluated is false in the end (C-5), also under a "not".
enum class Truth { no, yes, invalid };

std::optional<double> number_of(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) {
    double number = 0;
    const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (!text->empty() && ec == std::errc() && end == text->data() + text->size()) return number;
  }
  return std::nullopt;
}

bool is_blank(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return is_null(value) || (text && text->empty());
}

bool is_text(const Value& value) { return std::holds_alternative<std::string>(value); }

template <class T>
bool ordered(Compare op, const T& left, const T& right) {
  switch (op) {
    case Compare::equal: return left == right;
    case Compare::not_equal: return left != right;
    case Compare::less: return left < right;
    case Compare::less_equal: return left <= right;
    case Compare::greater: return left > right;
    case Compare::greater_equal: return left >= right;
    default: return false;
  }
}

/// All of a text counts. With the planted fault a short cut takes its first letter for the whole.
std::string whole_text(const Value& value) {
  std::string text = text_of(value);
  if (!guarded(Guard::rule) && text.size() > 1) text.resize(1);
  return text;
}

// C-1 (case counts), C-3, C-4, C-6; blank is never the number 0 (not C-7).
bool compare(Compare op, const Value& left, const Value& right) {
  if (op == Compare::contains || op == Compare::does_not_contain)
    return (text_of(left).find(text_of(right)) != std::string::npos) == (op == Compare::contains);
  if (is_blank(left) || is_blank(right)) {
    const bool same = is_blank(left) == is_blank(right);
    if (op == Compare::not_equal) return !same;
    return same && (op == Compare::equal || op == Compare::less_equal || op == Compare::greater_equal);
  }
  const auto *left_whole = std::get_if<std::int64_t>(&left), *right_whole = std::get_if<std::int64_t>(&right);
  if (left_whole && right_whole) return ordered(op, *left_whole, *right_whole);
  if (!(is_text(left) && is_text(right))) {
    const auto left_number = number_of(left), right_number = number_of(right);
    if (left_number && right_number) return ordered(op, *left_number, *right_number);
    if (op != Compare::equal && op != Compare::not_equal) return false;  // a text and a number have no order
  }
  return ordered(op, whole_text(left), whole_text(right));
}

const char* text_of(Compare op) {
  switch (op) {
    case Compare::equal: return "=";
    case Compare::not_equal: return "!=";
    case Compare::less: return "<";
    case Compare::less_equal: return "<=";
    case Compare::greater: return ">";
    case Compare::greater_equal: return ">=";
    case Compare::contains: return "contains";
    case Compare::does_not_contain: return "doesNotContain";
  }
  return "";
}

std::string constant_text(const Value& value) {
  std::string out;
  append_value(out, value);
  return out;
}

// ---- paths
// ----------------------------------------------------------------------------------------------------------------------

Lookup given(Value value) { return {true, true, std::move(value)}; }

Lookup find_in(const Attributes& attributes, std::string_view name) {
  const Value* value = attributes.find(name);
  return value ? given(*value) : Lookup{};
}

// A product without a list of attributes takes any: then every name is known, and null until it is set.
Lookup look_up_attribute(const Scene& scene, std::string_view name) {
  if (scene.values)
    if (const Value* value = scene.values->find(name)) return given(*value);
  if (!scene.product) return {};
  const auto& known = scene.product->attributes;
  if (!known.empty() && std::find(known.begin(), known.end(), name) == known.end()) return {};
  return {true, false, {}};
}

// Fields have no list anywhere: one that the document does not carry does not exist (C-5).
Lookup look_up_field(const Scene& scene, std::string_view name) {
  if (!scene.line) return {};
  const OrderLine& line = *scene.line;
  if (name == "lineId") return given(line.line_id);
  if (name == "product") return given(line.product);
  if (name == "action") return given(std::string(to_text(line.action)));
  if (name == "quantity") return given(line.quantity);
  if (name == "assetRef") return given(line.asset_ref.empty() ? Value() : Value(line.asset_ref));
  return find_in(line.fields, name);
}

Lookup look_up_order(const Scene& scene, std::string_view name) {
  if (!scene.order) return {};
  const Order& order = *scene.order;
  if (name.starts_with("field.")) return find_in(order.fields, name.substr(6));
  if (name == "accountId") return given(order.account_id);
  if (name == "orderNumber") return given(order.order_number);
  if (name == "sourceOrderId") return given(order.source_order_id);
  if (name == "source") return given(order.source);
  if (name == "version") return given(std::int64_t{order.version});
  return find_in(order.fields, name);
}

Lookup look_up_product(const Scene& scene, std::string_view name) {
  if (!scene.product) return {};
  if (name == "key") return given(scene.product->key);
  if (name == "name") return given(scene.product->name);
  if (name == "class") return given(scene.product->class_key);
  return {};
}

// ---- the tree
// -------------------------------------------------------------------------------------------------------------------

Truth evaluate(const Condition& condition, const Scene& scene, std::string* why);

Truth evaluate_simple(const Condition& condition, const Scene& scene, std::string* why) {
  const Lookup left = look_up(scene, condition.left);
  if (why) {
    *why = left.exists ? fmt::format("{} ({}) {} {}", condition.left, constant_text(left.value), text_of(condition.op),
                                     constant_text(condition.right))
                       : fmt::format("{} is not known here", condition.left);
  }
  if (!left.exists) return Truth::invalid;
  return compare(condition.op, left.value, condition.right) ? Truth::yes : Truth::no;
}

// "all" is decided by the first no, "any" by the first yes; otherwise an invalid part makes the whole invalid.
Truth evaluate_parts(const Condition& condition, const Scene& scene, Truth deciding, std::string* why) {
  Truth result = deciding == Truth::no ? Truth::yes : Truth::no;
  std::string part_why;
  for (const Condition& part : condition.parts) {
    const Truth truth = evaluate(part, scene, why ? &part_why : nullptr);
    if (truth != deciding && truth != Truth::invalid) {
      if (why && why->empty()) *why = part_why;
      continue;
    }
    if (why && result != Truth::invalid) *why = part_why;
    if (truth == deciding) {
      if (why) *why = part_why;
      return deciding;
    }
    result = Truth::invalid;
  }
  return result;
}

Truth evaluate(const Condition& condition, const Scene& scene, std::string* why) {
  if (why) why->clear();
  switch (condition.kind) {
    case Condition::Kind::simple: return evaluate_simple(condition, scene, why);
    case Condition::Kind::all: return evaluate_parts(condition, scene, Truth::no, why);
    case Condition::Kind::any: return evaluate_parts(condition, scene, Truth::yes, why);
    case Condition::Kind::negation: break;
  }
  const Truth truth = condition.parts.empty() ? Truth::invalid : evaluate(condition.parts[0], scene, why);
  if (truth == Truth::invalid) return truth;
  return truth == Truth::yes ? Truth::no : Truth::yes;
}

}  // namespace

Lookup look_up(const Scene& scene, std::string_view path) {
  const auto dot = path.find('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view kind = path.substr(0, dot), name = path.substr(dot + 1);
  if (kind == "attribute") return look_up_attribute(scene, name);
  if (kind == "field") return look_up_field(scene, name);
  if (kind == "order") return look_up_order(scene, name);
  if (kind == "product") return look_up_product(scene, name);
  return {};
}

bool holds(const Condition& condition, const Scene& scene, std::string* why) {
  return evaluate(condition, scene, why) == Truth::yes;
}

std::string condition_text(const Condition& condition) {
  if (condition.kind == Condition::Kind::simple)
    return fmt::format("{} {} {}", condition.left, text_of(condition.op), constant_text(condition.right));
  if (condition.kind == Condition::Kind::negation)
    return condition.parts.empty() ? "not ()" : fmt::format("not ({})", condition_text(condition.parts[0]));
  if (condition.parts.empty()) return condition.kind == Condition::Kind::all ? "always" : "never";
  std::string out;
  for (const Condition& part : condition.parts) {
    if (!out.empty()) out += condition.kind == Condition::Kind::all ? " and " : " or ";
    const bool nested = (part.kind == Condition::Kind::all || part.kind == Condition::Kind::any) && part.parts.size() > 1;
    out += nested ? "(" + condition_text(part) + ")" : condition_text(part);
  }
  return out;
}

}  // namespace backstitch
