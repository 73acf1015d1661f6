#include "recovery/window/names.h"

#include <fmt/core.h>

#include <boost/json.hpp>

namespace backstitch::recovery {

std::string window_text(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string order_name_of(const boost::json::object& object, std::string_view version_member) {
  const std::string source = window_text(object, "source"), id = window_text(object, "sourceOrderId");
  if (source.empty() || id.empty()) return "";
  const auto* member = object.if_contains(version_member);
  boost::json::error_code error;
  const auto version = member && member->is_number() ? member->to_number<std::int64_t>(error) : 1;
  return fmt::format("{} {} {}", source, id, !error && version > 0 ? version : 1);
}

}  // namespace backstitch::recovery
