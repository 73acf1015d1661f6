#include "cli/problem.h"

#include <boost/json.hpp>
#include <cstdlib>

#include "base/json.h"

namespace backstitch::cli {
namespace {

using boost::json::object;

std::string member_text(const object& from, const char* name) {
  const auto* member = from.if_contains(name);
  return member && member->is_string() ? std::string(member->as_string()) : "";
}

/// For servers whose code we do not know, and for proxies that know none.
Code code_of_status(int status) {
  switch (status) {
    case 400: return Code::http_invalid;
    case 404: return Code::no_such_route;
    case 405: return Code::method_not_allowed;
    case 413: return Code::body_too_large;
    case 429: return Code::queue_full;
    case 502: return Code::unreachable;
    case 503: return Code::not_running;
    case 504: return Code::timed_out;
    default: return Code::defect;
  }
}

}  // namespace

Result<Code> code_from_text(std::string_view text) {
  if (text.starts_with("BS-") || text.starts_with("bs-")) text.remove_prefix(3);
  const int number = std::atoi(std::string(text).c_str());
  for (const ErrorInfo& known : all_errors())
    if (known.number == number) return static_cast<Code>(number);
  return fail(Code::usage, "there is no error \"{}\"; \"backstitch errors list\" lists them", text);
}

Error error_from_problem(int http_status, std::string_view body) {
  const auto parsed = parse_json(body);
  if (!parsed || !parsed->is_object())
    return Error{code_of_status(http_status), fmt::format("the server answered {}: {}", http_status, body.substr(0, 300)), {}};
  const object& problem = parsed->as_object();
  const std::string code_word = member_text(problem, "code");
  const auto code = code_from_text(code_word);
  Error error{code ? *code : code_of_status(http_status), member_text(problem, "detail"), {}};
  if (error.detail.empty()) error.detail = fmt::format("the server answered {} {}", http_status, member_text(problem, "title"));
  if (!code && !code_word.empty()) error.detail = code_word + " " + error.detail;
  if (const auto* faults = problem.if_contains("errors"); faults && faults->is_array())
    for (const auto& entry : faults->as_array()) {
      if (!entry.is_object()) continue;
      const object& fault = entry.as_object();
      const auto fault_code = code_from_text(member_text(fault, "code"));
      error.faults.push_back(
          {member_text(fault, "pointer"), fault_code ? *fault_code : error.code, member_text(fault, "detail")});
    }
  return error;
}

}  // namespace backstitch::cli
