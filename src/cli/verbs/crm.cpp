#include "cli/verbs/crm.h"

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "base/json.h"
#include "base/time.h"
#include "cli/output.h"
#include "cli/requests.h"

namespace backstitch::cli {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::int64_t wait_default_ms = 1'800'000, word_every_ms = 5'000;
constexpr auto ask_pause = std::chrono::milliseconds(100);

bool has_ended(const value& state) { return text_of(state, "state") == "done" || text_of(state, "state") == "failed"; }

/// Asks until it has ended, with a word every few seconds.
Result<value> await_end(const Invocation& invocation, Client& client, value state) {
  const std::int64_t begin_ms = monotonic_ms(), wait_ms = invocation.wait_ms > 0 ? invocation.wait_ms : wait_default_ms;
  std::int64_t next_word_ms = begin_ms + word_every_ms;
  while (!has_ended(state)) {
    if (monotonic_ms() > begin_ms + wait_ms)
      return fail(Code::timed_out, "refresh {} goes on; crm refresh --status shows how far it is", text_of(state, "id"));
    std::this_thread::sleep_for(ask_pause);
    auto next = client.get("/crm/refresh/" + text_of(state, "id"));
    if (!next) return next;
    state = std::move(*next);
    if (monotonic_ms() < next_word_ms || has_ended(state)) continue;
    next_word_ms += word_every_ms;
    say(invocation, fmt::format("{}: {} of {}", text_of(state, "state"), text_of(state, "done"), text_of(state, "all")));
  }
  return state;
}

boost::json::array part(const value& state, const char* name) {
  const value* found = state.as_object().if_contains("found");
  const value* list = found && found->is_object() ? found->get_object().if_contains(name) : nullptr;
  return list && list->is_array() ? list->get_array() : boost::json::array();
}

Answer answer_of(const value& state) {
  Answer answer{.schema = "crm.refresh/1", .data = write_json(state)};
  const auto taken = part(state, "taken"), differences = part(state, "differences"), listed = part(state, "listed");
  if (!taken.empty())
    answer.text +=
        "taken over from the CRM\n" +
        table_of(taken,
                 {{"RECORD", "externalId"}, {"TYPE", "type"}, {"FIELD", "field"}, {"BEFORE", "before"}, {"AFTER", "after"}});
  if (!differences.empty())
    answer.text +=
        "ours, said again\n" +
        table_of(differences,
                 {{"RECORD", "externalId"}, {"TYPE", "type"}, {"FIELD", "field"}, {"HERE", "held"}, {"THERE", "found"}});
  if (!listed.empty())
    answer.text += "for a person\n" + table_of(listed, {{"RECORD", "externalId"}, {"TYPE", "type"}, {"WHY", "why"}});
  if (const value* found = state.as_object().if_contains("found"))
    answer.notices.push_back(
        fmt::format("{} records changed there: {} as they are here, {} not ours; nothing is missing until {}",
                    text_of(*found, "records"), text_of(*found, "same"), text_of(*found, "unknown"), text_of(*found, "covered")));
  if (const value* inputs = state.as_object().if_contains("inputs"))
    answer.notices.push_back(fmt::format("{} inputs: {} applied, {} overtaken, {} refused, {} not decided yet",
                                         text_of(*inputs, "received"), text_of(*inputs, "applied"), text_of(*inputs, "duplicate"),
                                         text_of(*inputs, "refused"), text_of(*inputs, "open")));
  const value* dry_run = state.as_object().if_contains("dryRun");
  if (dry_run && dry_run->is_bool() && dry_run->get_bool()) answer.notices.emplace_back("nothing was changed");
  answer.exit_status = listed.empty() ? 0 : 1;
  return answer;
}

Result<Answer> crm_refresh(const Invocation& invocation) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  if (invocation.has("--status")) {
    const auto state = client->get("/crm/refresh");
    if (!state) return fail(state.error());
    return answer_of(*state);
  }
  if (!invocation.has("--since")) return fail(Code::usage, "--since says from when on: a time, or a duration such as 2h");
  const object body{{"actor", invocation.actor}, {"since", invocation.option("--since")}, {"dryRun", invocation.dry_run}};
  auto state = client->post("/crm/refresh", write_json(body));
  if (!state) return fail(std::move(state.error()));
  state = await_end(invocation, *client, std::move(*state));
  if (!state) return fail(std::move(state.error()));
  if (const value* error = state->as_object().if_contains("error"))
    return fail(Code::crm_failed, "refresh {}: {} {}", text_of(*state, "id"), text_of(*error, "code"), text_of(*error, "detail"));
  return answer_of(*state);
}

}  // namespace

std::vector<Verb> crm_verbs() {
  return {{"crm",
           "refresh",
           "take over what changed in the CRM, say ours again",
           {},
           {{"--since", "TIME", "what changed there from then on: a time, or a duration such as 2h"},
            {"--status", "", "how the last one stands; nothing is begun"}},
           {"crm refresh --since 2h --dry-run", "crm refresh --since 2026-11-23T05:21:00Z", "crm refresh --status --json"},
           crm_refresh}};
}

}  // namespace backstitch::cli
