// What a JSON document says under a name, where it need not say anything.
#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace backstitch {

/// "" when there is no such member, and when it is no text.
inline std::string text_in(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace backstitch
