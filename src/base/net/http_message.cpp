// What of HTTP needs no network: look-up in a request, and the problem document of an error (RFC 9457).
#include <boost/json.hpp>

#include "base/json.h"
#include "base/net/http_server.h"

namespace backstitch {
namespace {

template <class Pairs>
std::string_view find_in(const Pairs& pairs, std::string_view name, std::string_view otherwise) {
  for (const auto& [key, value] : pairs)
    if (key == name) return value;
  return otherwise;
}

}  // namespace

std::string_view HttpRequest::header(std::string_view lower_case_name) const { return find_in(headers, lower_case_name, {}); }

std::string_view HttpRequest::query_value(std::string_view name, std::string_view otherwise) const {
  return find_in(query, name, otherwise);
}

std::string problem_json(const Error& error) {
  const ErrorInfo& entry = info(error.code);
  boost::json::object problem;
  problem["type"] = "urn:backstitch:error:" + code_text(error.code);
  problem["title"] = boost::json::string_view(entry.title.data(), entry.title.size());
  problem["status"] = entry.http;
  problem["detail"] = error.detail;
  problem["code"] = code_text(error.code);
  problem["hint"] = boost::json::string_view(entry.hint.data(), entry.hint.size());
  problem["retryable"] = entry.retryable;
  boost::json::array faults;
  for (const Fault& fault : error.faults)
    faults.push_back({{"pointer", fault.pointer}, {"code", code_text(fault.code)}, {"detail", fault.detail}});
  problem["errors"] = std::move(faults);
  return write_json(problem);
}

HttpResponse problem_response(const Error& error) {
  HttpResponse response;
  response.status = info(error.code).http;
  response.body = problem_json(error);
  response.content_type = "application/problem+json";
  if (response.status == 429 || response.status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace backstitch
