#include "model/value.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch {
namespace json = boost::json;

bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }

std::string text_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (is_null(value)) return {};
  std::string out;
  append_value(out, value);
  return out;
}

void append_value(std::string& out, const Value& value) {
  struct Writer {
    std::string& out;
    void operator()(std::monostate) const { out += "null"; }
    void operator()(bool truth) const { out += truth ? "true" : "false"; }
    void operator()(std::int64_t number) const { out += std::to_string(number); }
    void operator()(double number) const { append_json_number(out, number); }
    void operator()(const std::string& text) const { append_json_string(out, text); }
  };
  std::visit(Writer{out}, value);
}

Value value_from(const json::value& json) {
  switch (json.kind()) {
    case json::kind::null: return {};
    case json::kind::bool_: return json.get_bool();
    case json::kind::int64: return json.get_int64();
    case json::kind::uint64: return static_cast<double>(json.get_uint64());
    case json::kind::double_: return json.get_double();
    case json::kind::string: return std::string(json.get_string());
    default: return write_json(json);
  }
}

json::value to_json(const Value& value) {
  struct Maker {
    json::value operator()(std::monostate) const { return nullptr; }
    json::value operator()(bool truth) const { return truth; }
    json::value operator()(std::int64_t number) const { return number; }
    json::value operator()(double number) const { return number; }
    json::value operator()(const std::string& text) const { return json::string(text); }
  };
  return std::visit(Maker{}, value);
}

const Value* Attributes::find(std::string_view name) const {
  const auto at =
      std::lower_bound(entries_.begin(), entries_.end(), name, [](const Entry& e, std::string_view n) { return e.first < n; });
  return at != entries_.end() && at->first == name ? &at->second : nullptr;
}

void Attributes::set(std::string_view name, Value value) {
  const auto at =
      std::lower_bound(entries_.begin(), entries_.end(), name, [](const Entry& e, std::string_view n) { return e.first < n; });
  if (at != entries_.end() && at->first == name)
    at->second = std::move(value);
  else
    entries_.insert(at, {std::string(name), std::move(value)});
}

void Attributes::append_json(std::string& out) const {
  out += '{';
  bool first = true;
  for (const auto& [name, value] : entries_) {
    if (!first) out += ',';
    first = false;
    append_json_string(out, name);
    out += ':';
    append_value(out, value);
  }
  out += '}';
}

Attributes attributes_from(const json::value& json) {
  Attributes out;
  if (const auto* object = json.if_object())
    for (const auto& member : *object) out.set({member.key().data(), member.key().size()}, value_from(member.value()));
  return out;
}

json::object to_json(const Attributes& attributes) {
  json::object out;
  for (const auto& [name, value] : attributes) out[name] = to_json(value);
  return out;
}

}  // namespace backstitch
