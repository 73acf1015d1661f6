// item mark-fatally-failed, item late, callback list.
#include <boost/json.hpp>
#include <set>
#include <sstream>

#include "base/json.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::size_t items_in_request = 500;

/// The item that a drained record is about; empty when it names none.
std::string item_of_line(const std::string& line) {
  const auto record = parse_json(line);
  if (!record || !record->is_object()) return "";
  const value* body = record->as_object().if_contains("value");
  return body ? text_of(*body, "itemId") : "";
}

/// Each id once, in the order of the file. Lines of evidence that name no item are counted.
struct Ids {
  std::vector<std::string> ids;
  std::uint64_t without_item = 0;
};

Result<Ids> read_ids(const Invocation& invocation) {
  const bool evidence = invocation.has("--from");
  if (evidence == invocation.has("--items")) return fail(Code::usage, "one of --from EVIDENCE and --items FILE");
  const auto text = read_input(invocation.option(evidence ? "--from" : "--items"));
  if (!text) return fail(text.error());
  Ids out;
  std::set<std::string> seen;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t')) line.pop_back();
    if (line.empty()) continue;
    const std::string id = evidence ? item_of_line(line) : line;
    if (id.empty())
      ++out.without_item;
    else if (seen.insert(id).second)
      out.ids.push_back(id);
  }
  return out;
}

struct Outcome {
  array items;
  std::int64_t applied = 0, refused = 0, unknown = 0, received = 0;
  void add(const value& batch) {
    for (const value& item : items_of(batch)) items.push_back(item);
    for (auto [name, sum] :
         {std::pair{"applied", &applied}, {"refused", &refused}, {"unknown", &unknown}, {"received", &received}})
      *sum += std::strtoll(text_of(batch, name).c_str(), nullptr, 10);
  }
};

Result<Outcome> send(const Invocation& invocation, const std::vector<std::string>& ids) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  Outcome out;
  for (std::size_t at = 0; at < ids.size(); at += items_in_request) {
    array batch;
    for (std::size_t i = at; i < std::min(ids.size(), at + items_in_request); ++i) batch.emplace_back(ids[i]);
    const auto done =
        client->post("/items/mark-fatally-failed",
                     write_json(object{{"actor", invocation.actor},
                                       {"reason", invocation.option("--reason", "its outcome is unknown after a restore")},
                                       {"dryRun", invocation.dry_run},
                                       {"items", std::move(batch)}}));
    if (!done) return fail(done.error());
    out.add(*done);
  }
  return out;
}

Result<Answer> item_mark(const Invocation& invocation) {
  const auto ids = read_ids(invocation);
  if (!ids) return fail(ids.error());
  if (!invocation.dry_run) BS_TRY(confirm(invocation, fmt::format("{} items become Fatally Failed.", ids->ids.size())));
  const auto outcome = send(invocation, ids->ids);
  if (!outcome) return fail(outcome.error());
  Answer answer{.schema = "item.mark-fatally-failed/1"};
  answer.data = write_json(object{{"dryRun", invocation.dry_run},
                                  {"applied", outcome->applied},
                                  {"refused", outcome->refused},
                                  {"unknown", outcome->unknown},
                                  {"received", outcome->received},
                                  {"items", outcome->items}});
  answer.text = table_of(
      outcome->items,
      {{"ITEM", "id"}, {"BEFORE", "before"}, {"AFTER", "after"}, {"STATE", "state"}, {"CODE", "code"}, {"DETAIL", "detail"}});
  answer.notices.push_back(fmt::format("{} items: {} marked, {} refused, {} unknown, {} not decided yet", outcome->items.size(),
                                       outcome->applied, outcome->refused, outcome->unknown, outcome->received));
  if (ids->without_item > 0) answer.notices.push_back(fmt::format("{} records name no item", ids->without_item));
  if (invocation.dry_run) answer.notices.emplace_back("nothing was sent");
  answer.exit_status = outcome->refused + outcome->unknown + outcome->received > 0 ? 1 : 0;
  return answer;
}

Result<Answer> item_late(const Invocation& invocation) {
  return fetch_list(
      invocation, with_query("/items/late", {{"cursor", invocation.option("--cursor")}, {"limit", limit_text(invocation)}}),
      "item.late/1", {{"ITEM", "subject"}, {"AT", "at"}, {"PARTITION", "partition"}, {"OFFSET", "offset"}, {"DETAIL", "detail"}});
}

Result<Answer> callback_list(const Invocation& invocation) {
  return fetch_list(invocation,
                    with_query("/callbacks", {{"state", invocation.option("--state")},
                                              {"cursor", invocation.option("--cursor")},
                                              {"limit", limit_text(invocation)}}),
                    "callback.list/1",
                    {{"ITEM", "subject"}, {"STATE", "state"}, {"AT", "at"}, {"OFFSET", "offset"}, {"DETAIL", "detail"}});
}

}  // namespace

std::vector<Verb> mark_verbs() {
  return {
      {"item",
       "mark-fatally-failed",
       "mark streamed items Fatally Failed after a restore",
       {},
       {{"--from", "EVIDENCE", "a drained queue: the items that its records name"},
        {"--items", "FILE", "item ids, one a line; - is standard input"},
        {"--reason", "TEXT", "why; it stands in the events of each order"}},
       {"item mark-fatally-failed --from safe/evidence/rec-20261127T031500Z/completer.jsonl --dry-run",
        "item mark-fatally-failed --items items.txt --reason \"restored, the system was asked\" --yes",
        "item mark-fatally-failed --items - --yes --json <items.txt"},
       item_mark},
      {"item",
       "late",
       "answers that came for items that are not there",
       {},
       {{"--cursor", "CURSOR", "where the last page ended"}},
       {"item late", "item late --limit 20", "item late --json"},
       item_late},
      {"callback",
       "list",
       "callbacks of systems that no item took",
       {},
       {{"--state", "STATE", "late, duplicate (as said before) or conflict (said otherwise before); all when not given"},
        {"--cursor", "CURSOR", "where the last page ended"}},
       {"callback list", "callback list --state conflict", "callback list --limit 20 --json"},
       callback_list},
  };
}

}  // namespace backstitch::cli
