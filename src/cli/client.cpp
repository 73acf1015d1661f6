#include "cli/client.h"

#include <boost/json.hpp>

#include "base/files.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/net/http_client.h"
#include "cli/input.h"
#include "cli/problem.h"

namespace backstitch::cli {
namespace {

std::string text_member(const boost::json::value& from, const char* name) {
  const auto* member = from.is_object() ? from.as_object().if_contains(name) : nullptr;
  return member && member->is_string() ? std::string(member->as_string()) : "";
}

/// A page of a queue may be larger than what parse_json takes as input from strangers; our own server's answers are not.
Result<boost::json::value> parse_answer(const Result<std::string>& body) {
  if (!body) return fail(body.error());
  if (body->empty()) return boost::json::value(boost::json::object{});
  boost::system::error_code error;
  boost::json::value parsed = boost::json::parse(*body, error);
  if (error) return fail(Code::json_invalid, "the server's answer: {}", error.message());
  return parsed;
}

}  // namespace

Result<Endpoints> read_endpoints(const std::string& data_folder) {
  const std::string path = data_folder + "/run/endpoints.json";
  const auto text = read_file(path);
  if (!text) return fail(Code::not_running, "{} is not there", path);
  const auto parsed = parse_json(*text);
  if (!parsed) return fail(Code::not_running, "{} cannot be read: {}", path, parsed.error().detail);
  return Endpoints{text_member(*parsed, "api"), text_member(*parsed, "metrics"), text_member(*parsed, "workers")};
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string with_query(std::string path, const std::vector<std::pair<std::string, std::string>>& parameters) {
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    path += fmt::format("{}{}={}", separator, name, percent_encode(value));
    separator = '&';
  }
  return path;
}

Client::Client(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::connect(const Invocation& invocation) {
  Client client;
  client.address_ = invocation.server;
  if (client.address_.empty()) {
    auto endpoints = read_endpoints(invocation.data);
    if (!endpoints) return fail(std::move(endpoints.error()));
    client.address_ = endpoints->api;
    client.from_data_folder_ = true;
  }
  while (client.address_.ends_with('/')) client.address_.pop_back();
  client.actor_ = invocation.actor;
  client.token_ = invocation.token;
  if (!invocation.token_file.empty()) {
    auto token = read_input(invocation.token_file);
    if (!token) return fail(std::move(token.error()));
    client.token_ = token->substr(0, token->find_last_not_of(" \r\n") + 1);
  }
  client.timeout_ms_ = invocation.timeout_ms;
  client.http_ = std::make_unique<HttpClient>();
  return client;
}

Result<std::string> Client::get_text(const std::string& path) { return call("GET", path, ""); }
Result<boost::json::value> Client::get(const std::string& path) { return parse_answer(call("GET", path, "")); }
Result<boost::json::value> Client::post(const std::string& path, const std::string& body) {
  return parse_answer(call("POST", path, body));
}

Result<boost::json::value> Client::remove(const std::string& path) { return parse_answer(call("DELETE", path, "")); }

Result<std::string> Client::call(const char* method, const std::string& path, const std::string& body) {
  HttpCall request{.method = method, .url = address_ + "/api/v1" + path, .body = body, .timeout_ms = timeout_ms_};
  if (request.method == "POST") request.headers.emplace_back("Idempotency-Key", random_hex(16));
  if (request.method == "POST" && !actor_.empty()) request.headers.emplace_back("Backstitch-Actor", actor_);
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  const HttpAnswer answer = http_->call(request);
  if (answer.delivery == Delivery::no_answer) return fail(Code::timed_out, "{} {}: {}", method, request.url, answer.error);
  if (answer.delivery == Delivery::not_sent)
    return fail(from_data_folder_ ? Code::not_running : Code::unreachable, "{} does not answer: {}", address_, answer.error);
  if (!answer.ok()) return fail(error_from_problem(answer.status, answer.body));
  return answer.body;
}

}  // namespace backstitch::cli
