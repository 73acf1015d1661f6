// Members of a JSON object by name, for lines and bodies in which a member may be absent or of another kind.
#pragma once
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace backstitch::standin {

/// Empty when absent or not a string.
std::string text_of(const boost::json::object& object, std::string_view name);
/// A number, or a string of digits (64-bit numbers travel as strings).
std::optional<std::int64_t> number_of(const boost::json::object& object, std::string_view name);
bool flag_of(const boost::json::object& object, std::string_view name);

}  // namespace backstitch::standin
