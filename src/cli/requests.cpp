#include "cli/requests.h"

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "base/json.h"
#include "base/time.h"
#include "cli/output.h"

namespace backstitch::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::int64_t command_wait_default_ms = 10'000, poll_ms = 50;

std::int64_t wait_of(const Invocation& invocation) {
  return invocation.wait_ms < 0 ? command_wait_default_ms : invocation.wait_ms;
}

Error refused(const value& command) {
  const auto number = text_of(command, "code");
  for (const ErrorInfo& known : all_errors())
    if (code_text(static_cast<Code>(known.number)) == number)
      return Error{static_cast<Code>(known.number), text_of(command, "detail"), {}};
  return Error{Code::item_transition, number + " " + text_of(command, "detail"), {}};
}

}  // namespace

std::string text_of(const value& from, std::string_view member) {
  const value* found = from.is_object() ? from.as_object().if_contains(member) : nullptr;
  return found ? cell_text(*found) : "";
}

const array& items_of(const value& page) {
  static const array none;
  const value* items = page.is_object() ? page.as_object().if_contains("items") : nullptr;
  return items && items->is_array() ? items->as_array() : none;
}

std::string limit_text(const Invocation& invocation) { return std::to_string(invocation.limit); }

Result<Answer> fetch_list(const Invocation& invocation, const std::string& path, const char* schema,
                          const std::vector<Column>& columns) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  const auto page = client->get(path);
  if (!page) return fail(page.error());
  Answer answer{.schema = schema, .data = write_json(*page)};
  answer.text = table_of(items_of(*page), columns);
  if (const std::string next = text_of(*page, "next"); !next.empty()) answer.notices.push_back("there is more: --cursor " + next);
  return answer;
}

Result<Answer> fetch_one(const Invocation& invocation, const std::string& path, const char* schema,
                         const std::vector<std::string_view>& leave_out) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  const auto document = client->get(path);
  if (!document) return fail(document.error());
  Answer answer{.schema = schema, .data = write_json(*document)};
  answer.text = document->is_object() ? describe(document->as_object(), leave_out) : cell_text(*document) + "\n";
  return answer;
}

Answer dry_run_answer(const std::string& path, const std::string& body) {
  Answer answer{.schema = "dry-run/1"};
  answer.data = fmt::format("{{\"method\":\"POST\",\"path\":\"/api/v1{}\",\"body\":{}}}", path, body.empty() ? "null" : body);
  answer.text = fmt::format("would send POST /api/v1{}\n{}\n", path, body);
  return answer;
}

Result<value> await_command(const Invocation& invocation, Client& client, const std::string& command_id) {
  const std::int64_t end_ms = monotonic_ms() + wait_of(invocation);
  while (monotonic_ms() < end_ms) {
    auto command = client.get("/commands/" + percent_encode(command_id));
    if (!command && command.error().code != Code::command_not_found) return fail(std::move(command.error()));
    if (command && text_of(*command, "state") != "received") return command;
    std::this_thread::sleep_for(std::chrono::milliseconds(poll_ms));
  }
  if (invocation.wait_ms > 0)
    return fail(Code::timed_out, "command {} is received, but not applied within {}", command_id,
                duration_text(invocation.wait_ms));
  return object{{"id", command_id}, {"state", "received"}};
}

Result<Answer> send_command(const Invocation& invocation, const std::string& path, const object& body, const char* schema) {
  if (invocation.dry_run) return dry_run_answer(path, write_json(body));
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  auto outcome = client->post(path, write_json(body));
  if (!outcome) return fail(std::move(outcome.error()));
  if (const std::string id = text_of(*outcome, "commandId"); !id.empty()) outcome = await_command(invocation, *client, id);
  if (!outcome) return fail(std::move(outcome.error()));
  const std::string state = text_of(*outcome, "state");
  if (state == "refused" || state == "conflict") return fail(refused(*outcome));
  Answer answer{.schema = schema, .data = write_json(*outcome)};
  if (state == "received") answer.notices.push_back("the command is received and not applied yet");
  answer.text = outcome->is_object() ? describe(outcome->as_object()) : "";
  return answer;
}

Result<object> command_body(const Invocation& invocation) {
  object body{{"actor", invocation.actor}};
  if (invocation.has("--reason")) body["reason"] = invocation.option("--reason");
  if (invocation.has("--owner")) body["owner"] = invocation.option("--owner");
  object attributes;
  if (invocation.has("--set"))
    for (const std::string& pair : invocation.options.at("--set")) {
      const auto equals = pair.find('=');
      if (equals == std::string::npos || equals == 0) return fail(Code::usage, "--set takes NAME=VALUE, not \"{}\"", pair);
      const std::string text = pair.substr(equals + 1);
      auto parsed = parse_json(text);
      attributes[pair.substr(0, equals)] = parsed ? std::move(*parsed) : value(text);
    }
  if (!attributes.empty()) body["attributes"] = std::move(attributes);
  return body;
}

}  // namespace backstitch::cli
