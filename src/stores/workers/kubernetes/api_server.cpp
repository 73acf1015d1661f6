#include "stores/workers/kubernetes/api_server.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "base/net/percent.h"

namespace backstitch::workers {
namespace json = boost::json;
namespace {

const json::value* at(const json::value& document, std::string_view pointer) {
  boost::system::error_code none;
  return document.find_pointer(json::string_view(pointer.data(), pointer.size()), none);
}

}  // namespace

std::string text_at(const json::value& document, std::string_view pointer) {
  const json::value* found = at(document, pointer);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::int64_t number_at(const json::value& document, std::string_view pointer) {
  const json::value* found = at(document, pointer);
  return found && found->is_number() ? found->to_number<std::int64_t>() : 0;
}

Error refusal(const Reply& reply) {
  if (reply.status == 0) return {Code::orchestrator_failed, fmt::format("{}: {}", reply.what, reply.words), {}};
  const std::string message = text_at(reply.body, "/message");
  std::string words = fmt::format("{}: {} {}: {}", reply.what, reply.status, text_at(reply.body, "/reason"), message);
  const json::value* causes = at(reply.body, "/details/causes");
  if (causes && causes->is_array())
    for (const json::value& cause : causes->get_array())
      if (const std::string field = text_at(cause, "/field"); !field.empty() && message.find(field) == std::string::npos)
        words += fmt::format("; {}: {}", field, text_at(cause, "/message"));
  return {Code::orchestrator_failed, words, {}};
}

std::string ApiServer::path_of(const char* group, const std::string& resource, const std::string& name) const {
  return fmt::format("{}/namespaces/{}/{}{}{}", group, settings_.namespace_name, resource, name.empty() ? "" : "/", name);
}

HttpCall ApiServer::call_to(const std::string& method, const std::string& path) const {
  HttpCall call;
  call.method = method, call.url = settings_.server + path, call.ca_file = settings_.ca_file;
  call.timeout_ms = settings_.timeout_ms;
  std::string token = settings_.token_file.empty() ? settings_.token : read_file(settings_.token_file).value_or("");
  while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
  if (!token.empty()) call.headers.emplace_back("Authorization", "Bearer " + token);
  return call;
}

Reply reply_from(const HttpCall& call, HttpAnswer answer) {
  Reply reply;
  const auto path = call.url.find('/', call.url.find("://") + 3);
  reply.what = call.method + " " + (path == std::string::npos ? call.url : call.url.substr(path, call.url.find('?') - path));
  if (answer.delivery != Delivery::answered) {
    reply.words = answer.error;
    return reply;
  }
  reply.status = answer.status;
  if (auto body = parse_json(answer.body)) reply.body = std::move(*body);
  return reply;
}

Reply ApiServer::call(const std::string& method, const std::string& path, const std::string& body, const char* type,
                      std::int64_t most_ms) {
  HttpCall call = call_to(method, path);
  call.body = body, call.timeout_ms = std::min(call.timeout_ms, most_ms);
  if (!body.empty()) call.headers.emplace_back("Content-Type", type);
  return reply_from(call, client_.call(call));
}

Reply ApiServer::apply(const std::string& path, const std::string& document, std::int64_t most_ms) {
  return call("PATCH", path + "?fieldManager=" + percent_encoded("backstitch-" + settings_.instance), document, apply_type,
              most_ms);
}

}  // namespace backstitch::workers
