#include <boost/json.hpp>

#include "api/open_backups.h"
#include "api/routes/routes.h"
#include "base/json.h"
#include "recovery/capture/time_left.h"

namespace backstitch {
namespace json = boost::json;
namespace {

json::object backup_object(const database::BackupInfo& backup) {
  return {{"label", backup.label},
          {"startedAt", rfc3339(backup.started_at)},
          {"endedAt", rfc3339(backup.ended_at)},
          {"startLsn", backup.start_lsn},
          {"endLsn", backup.end_lsn},
          {"bytes", std::to_string(backup.bytes)}};
}

HttpResponse create(Platform&, database::BackupProvider& provider) {
  auto made = provider.create({});
  return made ? json_response(201, write_json(backup_object(*made))) : problem_response(made.error());
}

HttpResponse list(Platform&, database::BackupProvider& provider) {
  auto backups = provider.backups();
  if (!backups) return problem_response(backups.error());
  json::array items;
  for (const auto& backup : *backups) items.push_back(backup_object(backup));
  return json_response(200, write_json(json::object{{"items", std::move(items)}, {"next", nullptr}}));
}

HttpResponse check(Platform&, database::BackupProvider& provider) {
  auto done = provider.check([](const std::string&) {});
  if (!done) return problem_response(done.error());
  return json_response(200, write_json(json::object{{"label", done->label},
                                                    {"targetLsn", done->target_lsn},
                                                    {"accounts", done->accounts},
                                                    {"tables", done->tables},
                                                    {"rows", done->rows},
                                                    {"compared", done->compared},
                                                    {"restoreMs", done->restore_ms},
                                                    {"text", done->text()}}));
}

HttpResponse range(Platform& platform, database::BackupProvider& provider) {
  auto found = provider.range();
  if (!found) return problem_response(found.error());
  auto point = [](const database::RestorePoint& at) {
    return json::object{{"lsn", at.lsn}, {"time", at.time.is_set() ? json::value(rfc3339(at.time)) : json::value(nullptr)}};
  };
  auto evidence = recovery::time_left({.since = {},
                                       .now = wall_clock(),
                                       .held_since = {},
                                       .queue = &platform.queue(),
                                       .safe = platform.safe(),
                                       .folders = {},
                                       .provider = &provider});
  return json_response(200, write_json(json::object{{"earliest", point(found->earliest)},
                                                    {"latest", point(found->latest)},
                                                    {"backups", found->backups},
                                                    {"evidence", std::move(evidence)},
                                                    {"text", found->text()}}));
}

using Handler = HttpResponse (*)(Platform&, database::BackupProvider&);

/// Wherever the backups are.
void add(Router& router, Platform& platform, const char* method, const char* path, Need need, const char* says, Handler handler) {
  router.add(method, path, need, says, [&platform, handler](const RouteCall&) {
    const auto provider = open_backups(platform.config(), platform.safe(), "a backup");
    return provider ? handler(platform, **provider) : problem_response(provider.error());
  });
}

}  // namespace

void add_backup_routes(Router& router, Platform& platform) {
  add(router, platform, "POST", "/api/v1/backups", {"backups", "create"},
      "Take a backup: a base backup into the safe, or by whoever keeps them", create);
  add(router, platform, "GET", "/api/v1/backups", {"backups", "read"}, "Backups, oldest first", list);
  add(router, platform, "POST", "/api/v1/backups/check", {"backups", "create"},
      "Restore the newest beside the database and compare, or say what is known of it", check);
  add(router, platform, "GET", "/api/v1/recovery/range", {"recovery", "read"}, "What can be gone back to", range);
}

}  // namespace backstitch
