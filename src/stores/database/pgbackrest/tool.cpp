#include "stores/database/pgbackrest/tool.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "stores/database/private/programs.h"

namespace backstitch::database {
namespace json = boost::json;
namespace {

constexpr std::int64_t info_timeout_ms = 60'000, get_timeout_ms = 600'000;

/// "000000010000000000000005" → 1.
std::int64_t timeline_of(const std::string& segment) {
  return segment.size() < 8 ? 0 : std::stoll(segment.substr(0, 8), nullptr, 16);
}

std::string text_at(const json::value& value, const char* name) { return json::value_to<std::string>(value.at(name)); }

BackupInfo backup_of(const json::value& one) {
  BackupInfo info;
  info.label = text_at(one, "label");
  const auto seconds = [&](const char* name) { return one.at("timestamp").at(name).to_number<std::int64_t>(); };
  // Whole seconds, cut off: it had not ended before the next one.
  info.started_at = Time{seconds("start") * 1'000'000}, info.ended_at = Time{(seconds("stop") + 1) * 1'000'000};
  info.start_lsn = lsn_text(timeline_of(text_at(one.at("archive"), "start")), text_at(one.at("lsn"), "start"));
  info.end_lsn = lsn_text(timeline_of(text_at(one.at("archive"), "stop")), text_at(one.at("lsn"), "stop"));
  info.bytes = one.at("info").at("size").to_number<std::int64_t>();
  return info;
}

bool is_flagged(const json::value& one) {
  const json::value* flag = one.as_object().if_contains("error");
  return flag && flag->is_bool() && flag->get_bool();
}

/// Of the cluster as it is now: a repository also keeps what there was before an upgrade.
Stanza stanza_of(const json::value& found) {
  Stanza stanza;
  const auto& databases = found.at("db").as_array();
  if (databases.empty()) return stanza;
  stanza.version = text_at(databases.back(), "version");
  const auto id = databases.back().at("id").to_number<std::int64_t>();
  const auto is_current = [&](const json::value& one) { return one.at("database").at("id").to_number<std::int64_t>() == id; };
  for (const json::value& one : found.at("backup").as_array())
    if (is_current(one) && !is_flagged(one)) stanza.backups.push_back(backup_of(one));
  for (const json::value& one : found.at("archive").as_array())
    if (is_current(one) && one.at("max").is_string()) stanza.archive_last = std::max(stanza.archive_last, text_at(one, "max"));
  return stanza;
}

}  // namespace

Result<Stanza> read_stanza(const std::string& info, const std::string& name) {
  const auto document = parse_json(info);
  if (!document) return fail(Code::backup_failed, "pgbackrest info: {}", document.error().detail);
  try {
    for (const json::value& one : document->as_array()) {
      if (text_at(one, "name") != name) continue;
      if (one.at("db").as_array().empty())
        return fail(Code::backup_not_found, "stanza {}: {}", name, text_at(one.at("status"), "message"));
      return stanza_of(one);
    }
  } catch (const std::exception& wrong) {
    return fail(Code::backup_failed, "pgbackrest info cannot be read: {}", wrong.what());
  }
  return fail(Code::backup_not_found, "pgbackrest knows no stanza {}", name);
}

std::vector<std::string> PgBackRest::begin() const {
  std::vector<std::string> argv{"/usr/bin/env", "pgbackrest", "--stanza=" + stanza_};
  if (!config_.empty()) argv.push_back("--config=" + config_);
  return argv;
}

Result<std::string> PgBackRest::run(std::vector<std::string> arguments, std::int64_t timeout_ms) const {
  std::vector<std::string> argv = begin();
  argv.insert(argv.end(), {"--log-level-console=off", "--log-level-stderr=warn"});
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  auto done = run_as_server(std::move(argv), timeout_ms);
  if (!done && done.error().detail.find("status 127") != std::string::npos)
    return fail(Code::environment, "pgbackrest is not installed (package pgbackrest): {}", done.error().detail);
  return done;
}

Result<Stanza> PgBackRest::stanza() const {
  const auto info = run({"info", "--output=json"}, info_timeout_ms);
  if (!info && info.error().code != Code::process_failed) return fail(info.error());
  if (!info) return fail(Code::backup_failed, "{}", info.error().detail);
  return read_stanza(*info, stanza_);
}

Result<bool> PgBackRest::get(const std::string& file, const std::string& folder, const std::string& cluster) const {
  std::vector<std::string> arguments{"--no-archive-async"};  // else it brings more than was asked for, elsewhere
  if (!cluster.empty()) arguments.push_back("--pg1-path=" + cluster);
  arguments.insert(arguments.end(), {"archive-get", file, folder + "/" + file});
  const auto got = run(std::move(arguments), get_timeout_ms);
  if (got) return true;
  // Its other failures have statuses of their own.
  if (got.error().code == Code::process_failed && got.error().detail.find("ended with status 1:") != std::string::npos)
    return false;
  return fail(got.error());
}

std::string PgBackRest::archive_command(const std::string& folder) const {
  std::string command = "pgbackrest";
  for (std::size_t i = 2; i < begin().size(); ++i) command += " " + begin()[i];
  return command + fmt::format(" --pg1-path={} archive-push \"%p\"", folder);
}

}  // namespace backstitch::database
