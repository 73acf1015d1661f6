// backup create|list|check, recover range. All but create also work with the platform down.
#include <boost/json.hpp>
#include <future>

#include "api/open_backups.h"
#include "api/open_stores.h"
#include "base/json.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"
#include "recovery/capture/time_left.h"
#include "stores/database/backup/backup.h"

namespace backstitch::cli {
namespace {

using boost::json::object;
using boost::json::value;

/// A base backup and the restore of one take minutes, not the seconds of other calls.
constexpr std::int64_t patient_timeout_ms = 1'800'000, say_every_s = 10;
constexpr const char* down_notice = "the platform is down: read from the data folder";

Result<value> call(const Invocation& invocation, const char* method, const std::string& path) {
  Invocation patient = invocation;
  if (patient.timeout_ms == Invocation{}.timeout_ms) patient.timeout_ms = patient_timeout_ms;
  auto client = Client::connect(patient);
  if (!client) return fail(std::move(client.error()));
  return std::string_view(method) == "GET" ? client->get(path) : client->post(path, "{}");
}

/// Asks the platform, or, when it is down, `offline` with the folder.
template <class Offline>
Result<value> ask(const Invocation& invocation, const char* method, const std::string& path, std::vector<std::string>& notices,
                  Offline offline) {
  auto live = call(invocation, method, path);
  if (live || !may_go_offline(invocation, live.error())) return live;
  auto folder = OfflineFolder::open(invocation, live.error());
  if (!folder) return fail(std::move(folder.error()));
  notices.emplace_back(down_notice);
  return offline(*folder);
}

object backup_object(const database::BackupInfo& backup) {
  return {{"label", backup.label},
          {"startedAt", rfc3339(backup.started_at)},
          {"endedAt", rfc3339(backup.ended_at)},
          {"startLsn", backup.start_lsn},
          {"endLsn", backup.end_lsn},
          {"bytes", std::to_string(backup.bytes)}};
}

Result<value> list_offline(OfflineFolder& folder) {
  const auto safe = open_safe(folder.config());
  if (!safe) return fail(safe.error());
  const auto provider = open_backups(folder.config(), **safe, "a backup");
  if (!provider) return fail(provider.error());
  const auto found = (*provider)->backups();
  if (!found) return fail(found.error());
  boost::json::array items;
  for (const auto& backup : *found) items.push_back(backup_object(backup));
  return value(object{{"items", std::move(items)}, {"next", nullptr}});
}

Result<boost::json::array> evidence_of(const Config& config, safe::Safe& safe, database::BackupProvider& provider) {
  const auto queue = open_queue(config, safe);
  if (!queue && is_not_ours(queue.error())) return fail(queue.error());
  return recovery::time_left({.since = {},
                              .now = wall_clock(),
                              .held_since = {},
                              .queue = queue ? queue->get() : nullptr,
                              .safe = safe,
                              .folders = {},
                              .provider = &provider});
}

object point_object(const database::RestorePoint& point) {
  return {{"lsn", point.lsn}, {"time", point.time.is_set() ? value(rfc3339(point.time)) : value(nullptr)}};
}

Result<value> range_offline(OfflineFolder& folder) {
  const auto safe = open_safe(folder.config());
  if (!safe) return fail(safe.error());
  const auto provider = open_backups(folder.config(), **safe, "a recovery");
  if (!provider) return fail(provider.error());
  const auto range = (*provider)->range();
  if (!range) return fail(range.error());
  const auto evidence = evidence_of(folder.config(), **safe, **provider);
  if (!evidence) return fail(evidence.error());
  return value(object{{"earliest", point_object(range->earliest)},
                      {"latest", point_object(range->latest)},
                      {"backups", range->backups},
                      {"evidence", *evidence},
                      {"text", range->text()}});
}

/// The sentence that the documents carry for people, else their members.
std::string sentence_of(const value& document) {
  const std::string text = text_of(document, "text");
  if (!text.empty()) return text.ends_with('\n') ? text : text + "\n";
  return document.is_object() ? describe(document.as_object()) : "";
}

Result<Answer> answer_of(const Result<value>& document, const char* schema, std::vector<std::string> notices) {
  if (!document) return fail(document.error());
  return Answer{.schema = schema, .data = write_json(*document), .text = sentence_of(*document), .notices = std::move(notices)};
}

Result<Answer> backup_create(const Invocation& invocation) {
  if (invocation.dry_run) return dry_run_answer("/backups", "{}");
  say(invocation, "a backup is being taken");
  auto taken = std::async(std::launch::async, [&] { return call(invocation, "POST", "/backups"); });
  for (std::int64_t s = say_every_s; taken.wait_for(std::chrono::seconds(say_every_s)) != std::future_status::ready;
       s += say_every_s)
    say(invocation, fmt::format("it has been running for {} s", s));
  return answer_of(taken.get(), "backup.create/1", {});
}

Result<Answer> backup_list(const Invocation& invocation) {
  std::vector<std::string> notices;
  const auto page = ask(invocation, "GET", "/backups", notices, list_offline);
  if (!page) return fail(page.error());
  Answer answer{.schema = "backup.list/1", .data = write_json(*page), .notices = std::move(notices)};
  answer.text = table_of(items_of(*page), {{"LABEL", "label"},
                                           {"STARTED", "startedAt"},
                                           {"ENDED", "endedAt"},
                                           {"FROM LSN", "startLsn"},
                                           {"TO LSN", "endLsn"},
                                           {"BYTES", "bytes"}});
  return answer;
}

Result<Answer> backup_check(const Invocation& invocation) {
  if (invocation.dry_run) return dry_run_answer("/backups/check", "{}");
  say(invocation, "the newest backup is restored beside the database and compared, where whoever keeps it can do so");
  std::vector<std::string> notices;
  const auto check_offline = [&invocation](OfflineFolder& folder) -> Result<value> {
    const auto safe = open_safe(folder.config());
    if (!safe) return fail(safe.error());
    const auto provider = open_backups(folder.config(), **safe, "a backup");
    if (!provider) return fail(provider.error());
    const auto done = (*provider)->check([&](const std::string& step) { say(invocation, step); });
    if (!done) return fail(done.error());
    return value(object{{"label", done->label},
                        {"targetLsn", done->target_lsn},
                        {"accounts", done->accounts},
                        {"tables", done->tables},
                        {"rows", done->rows},
                        {"compared", done->compared},
                        {"restoreMs", done->restore_ms},
                        {"text", done->text()}});
  };
  const auto checked = ask(invocation, "POST", "/backups/check", notices, check_offline);
  return answer_of(checked, "backup.check/1", std::move(notices));
}

Result<Answer> recover_range(const Invocation& invocation) {
  std::vector<std::string> notices;
  const auto range = ask(invocation, "GET", "/recovery/range", notices, range_offline);
  auto answer = answer_of(range, "recover.range/1", std::move(notices));
  const value* evidence = range && range->is_object() ? range->get_object().if_contains("evidence") : nullptr;
  if (answer && evidence && evidence->is_array()) answer->text += recovery::time_left_text(evidence->get_array());
  return answer;
}

}  // namespace

std::vector<Verb> backup_verbs() {
  return {
      {"backup",
       "create",
       "take a backup: into the safe, or by whoever keeps those of the database",
       {},
       {},
       {"backup create", "backup create --json", "backup create --timeout 1h"},
       backup_create},
      {"backup",
       "list",
       "backups, oldest first",
       {},
       {},
       {"backup list", "backup list --json", "backup list --data /srv/backstitch"},
       backup_list},
      {"backup",
       "check",
       "restore the newest beside the database and compare",
       {},
       {},
       {"backup check", "backup check --json", "backup check --timeout 1h"},
       backup_check},
      {"recover",
       "range",
       "the moments that can be gone back to",
       {},
       {},
       {"recover range", "recover range --json", "recover range --quiet"},
       recover_range},
  };
}

}  // namespace backstitch::cli
