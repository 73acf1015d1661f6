// How the sources of the window name an order: one text, so that they can be laid side by side.
#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace backstitch::recovery {

/// Empty when absent or not a string.
std::string window_text(const boost::json::object& object, std::string_view name);
/// "org1 801A1 1" of source, sourceOrderId and the named version (1 when absent); empty when there is no source order id.
std::string order_name_of(const boost::json::object& object, std::string_view version_member);

}  // namespace backstitch::recovery
