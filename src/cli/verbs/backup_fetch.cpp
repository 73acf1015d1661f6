// backup fetch: what lies off site comes back to this host, whose disk may be a new one.
#include <boost/json.hpp>

#include "api/data_folder.h"
#include "api/open_stores.h"
#include "base/json.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/verbs/verbs.h"
#include "stores/database/off_site/off_site.h"

namespace backstitch::cli {
namespace {

using boost::json::object;
using Wanted = database::OffSite::Wanted;

object wanted_object(const Wanted& wanted) {
  const database::BackupInfo& info = wanted.backup.info;
  return {{"label", info.label},
          {"endedAt", rfc3339(info.ended_at)},
          {"bytes", std::to_string(info.bytes)},
          {"isHere", wanted.backup_is_here},
          {"walFiles", wanted.wal.size()},
          {"from", wanted.wal.empty() ? "" : wanted.wal.front()},
          {"to", wanted.wal.empty() ? "" : wanted.wal.back()}};
}

std::string wanted_text(const Wanted& wanted) {
  const database::BackupInfo& info = wanted.backup.info;
  return fmt::format("base backup {} ({} MiB, ended {}){}, and {} files of WAL", info.label, info.bytes >> 20,
                     rfc3339(info.ended_at), wanted.backup_is_here ? ", which is here already" : "", wanted.wal.size());
}

Result<Time> until_of(const Invocation& invocation) {
  const std::string text = invocation.option("--to");
  if (text.empty()) return Time();
  if (const auto ago = parse_duration_ms(text)) return wall_clock().plus_ms(-*ago);
  return parse_rfc3339(text);
}

/// As a platform would have left it: what follows finds the configuration there, as on the host that was lost.
Status prepare_folder(const Config& config) {
  BS_TRY(mark_data_folder(config.data));
  const std::string effective = config.data + "/run/effective.yaml";
  if (file_exists(effective)) return {};
  BS_TRY(make_folders(config.data + "/run"));
  return write_file_durably(effective, config_yaml(config));
}

Result<Answer> fetch(const Invocation& invocation) {
  const auto config = effective_config_of(invocation);
  if (!config) return fail(config.error());
  BS_TRY(need_own_database(*config, "backup fetch"));
  const auto until = until_of(invocation);
  if (!until) return fail(until.error());
  const auto safe = open_safe(*config);
  if (!safe) return fail(safe.error());
  if (const std::string folder = (*safe)->folder(); !folder.empty())
    return fail(Code::usage, "the safe lies in {}: its backups are there, nothing is to be fetched", folder);
  if (!invocation.dry_run) BS_TRY(prepare_folder(*config));
  auto folders = database::make_cluster_folders(config->data, config->safe());
  if (!folders) return fail(std::move(folders.error()));
  database::OffSite off_site(std::move(*folders), **safe);
  const auto wanted = off_site.wanted(*until);
  if (!wanted) return fail(wanted.error());
  object data = wanted_object(*wanted);
  if (invocation.dry_run)
    return Answer{.schema = "backup.fetch/1", .data = write_json(data), .text = "would bring " + wanted_text(*wanted) + "\n"};
  say(invocation, "bringing " + wanted_text(*wanted));
  const auto brought = off_site.fetch(*wanted, [&](const std::string& words) { say(invocation, words); });
  if (!brought) return fail(brought.error());
  data["broughtBytes"] = std::to_string(brought->bytes);
  return Answer{
      .schema = "backup.fetch/1",
      .data = write_json(data),
      .text = fmt::format("brought {} base backup and {} files of WAL, {} MiB; recover range says what can be gone back to\n",
                          brought->backups, brought->segments, brought->bytes >> 20)};
}

}  // namespace

std::vector<Verb> backup_fetch_verbs() {
  return {{"backup",
           "fetch",
           "bring a base backup and the WAL behind it back from a safe that is no folder of this host",
           {},
           {{"--config", "FILE", "in place of DIR/backstitch.yaml"},
            {"--to", "TIME|AGO", "for a moment before then: the newest base backup that had ended; else the newest"}},
           {"backup fetch", "backup fetch --to 2026-11-23T05:21:00Z --dry-run", "backup fetch --config backstitch.yaml --json"},
           fetch}};
}

}  // namespace backstitch::cli
