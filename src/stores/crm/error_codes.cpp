#include "stores/crm/error_codes.h"

#include <boost/json.hpp>

namespace backstitch::crm {
namespace json = boost::json;

std::string error_code_of(const json::value& errors) {
  const json::value* first = errors.is_array() && !errors.get_array().empty() ? &errors.get_array().front() : nullptr;
  if (!first || !first->is_object()) return {};
  for (const char* name : {"errorCode", "statusCode"})
    if (const json::value* code = first->get_object().if_contains(name); code && code->is_string() && !code->get_string().empty())
      return std::string(code->get_string());
  return {};
}

bool is_passing(std::string_view error_code) {
  return error_code == "UNABLE_TO_LOCK_ROW" || error_code == "REQUEST_LIMIT_EXCEEDED" || error_code == "SERVER_UNAVAILABLE";
}

}  // namespace backstitch::crm
