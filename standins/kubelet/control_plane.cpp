#include "standins/kubelet/control_plane.h"

#include <boost/json.hpp>

#include "base/files.h"
#include "base/json.h"

namespace backstitch::standin {
namespace json = boost::json;
namespace {

constexpr std::int64_t timeout_ms = 10'000;

const json::value* at(const json::value& document, const std::string& pointer) {
  boost::system::error_code none;
  return document.find_pointer(pointer, none);
}

}  // namespace

std::string text_at(const json::value& document, const std::string& pointer) {
  const json::value* found = at(document, pointer);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::int64_t number_at(const json::value& document, const std::string& pointer) {
  const json::value* found = at(document, pointer);
  return found && found->is_number() ? found->to_number<std::int64_t>() : 0;
}

std::optional<json::value> ControlPlane::call(const std::string& method, const std::string& resource, const std::string& body,
                                              const char* type) {
  HttpCall call{.method = method, .body = body, .timeout_ms = timeout_ms, .ca_file = settings_.ca_file};
  call.url = settings_.server + "/api/v1/namespaces/" + settings_.namespace_name + "/" + resource;
  std::string token = read_file(settings_.token_file).value_or("");
  while (token.ends_with('\n')) token.pop_back();
  call.headers.emplace_back("Authorization", "Bearer " + token);
  if (!body.empty()) call.headers.emplace_back("Content-Type", type);
  const HttpAnswer answer = client_.call(call);
  if (!answer.ok()) return std::nullopt;
  auto document = parse_json(answer.body);
  return document ? std::move(*document) : json::value();
}

}  // namespace backstitch::standin
