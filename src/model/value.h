// Attribute and field values, and a small sorted map of them: iteration order is part of determinism (law 2).
#pragma once
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace backstitch {

/// null, truth, whole number, number, text. Null and empty text are different values that conditions compare alike (C-3).
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

bool is_null(const Value& value);
std::string text_of(const Value& value);                  // as a person writes it; "" for null
void append_value(std::string& out, const Value& value);  // as JSON
Value value_from(const boost::json::value& json);         // objects and arrays become their JSON text
boost::json::value to_json(const Value& value);

class Attributes {
 public:
  using Entry = std::pair<std::string, Value>;
  const Value* find(std::string_view name) const;  // null pointer when not there
  void set(std::string_view name, Value value);
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  bool operator==(const Attributes&) const = default;
  void append_json(std::string& out) const;  // {"a":1,"b":"x"}, sorted by name

 private:
  std::vector<Entry> entries_;  // sorted by name
};

Attributes attributes_from(const boost::json::value& json);  // empty for null
boost::json::object to_json(const Attributes& attributes);

}  // namespace backstitch
