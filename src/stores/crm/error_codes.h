// What an org says by which it refuses, and whether that goes by itself.
#pragma once
#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

namespace backstitch::crm {

/// The errorCode (or statusCode) of the first error in a list of them; empty when it is none.
std::string error_code_of(const boost::json::value& errors);
/// Goes by itself: a locked row, a spent limit. Judged by the code alone: a message may quote anything.
bool is_passing(std::string_view error_code);

}  // namespace backstitch::crm
