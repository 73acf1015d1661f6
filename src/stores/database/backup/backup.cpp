#include "stores/database/backup/backup.h"

#include <poll.h>

#include <boost/json.hpp>
#include <filesystem>

#include "base/files.h"
#include "base/json.h"
#include "stores/database/backup/note.h"
#include "stores/database/history/history.h"
#include "stores/database/postgres/connection.h"
#include "stores/database/private/control.h"
#include "stores/database/private/programs.h"

namespace backstitch::database {
namespace {

namespace json = boost::json;
constexpr std::int64_t copy_timeout_ms = 24 * 3'600'000;

/// "20261124T070549Z"
std::string label_of(Time now) {
  std::string text = rfc3339(now).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + "Z";
}

Status check_space(const std::string& connection, const std::string& folder) {
  auto live = Connection::open(connection);
  if (!live) return fail(std::move(live.error()));
  const auto size = live->query("select sum(pg_database_size(oid))::bigint from pg_database");
  if (!size) return fail(size.error());
  const std::int64_t needed = size->int8(0, 0) + size->int8(0, 0) / 10, free = free_bytes(folder);
  if (free < needed) return fail(Code::disk_full, "a backup needs about {} MiB, {} has {} MiB", needed >> 20, folder, free >> 20);
  return {};
}

/// One backup at a time: two would copy into each other.
Result<FolderLock> await_lock(const std::string& folder) {
  const std::int64_t end_ms = monotonic_ms() + copy_timeout_ms;
  for (;;) {
    auto lock = FolderLock::take(folder + "/.LOCK");
    if (lock || lock.error().code != Code::already_running) return lock;
    if (monotonic_ms() > end_ms) return fail(Code::backup_failed, "another backup is being taken: {}", lock.error().detail);
    ::poll(nullptr, 0, 50);
  }
}

std::int64_t bytes_in(const std::string& folder) {
  std::int64_t sum = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->is_regular_file(error)) sum += static_cast<std::int64_t>(it->file_size(error));
  return sum;
}

/// Timeline and range of WAL, out of PostgreSQL's own manifest.
Status read_manifest(const std::string& folder, BackupInfo& info) {
  const auto text = read_file(folder + "/backup_manifest");
  if (!text) return fail(text.error());
  boost::system::error_code error;  // not parse_json: a manifest may be larger than a document may
  const json::value manifest = json::parse(*text, error);
  const json::value* ranges = error ? nullptr : manifest.as_object().if_contains("WAL-Ranges");
  if (!ranges || ranges->as_array().empty()) return fail(Code::backup_failed, "{}/backup_manifest has no WAL range", folder);
  const json::object& range = ranges->as_array().back().as_object();
  const std::int64_t timeline = range.at("Timeline").as_int64();
  info.start_lsn = lsn_text(timeline, std::string(range.at("Start-LSN").as_string()));
  info.end_lsn = lsn_text(timeline, std::string(range.at("End-LSN").as_string()));
  return {};
}

Status copy_and_verify(const std::string& half, const ClusterFolders& folders) {
  const auto copy = postgres_program("pg_basebackup"), verify = postgres_program("pg_verifybackup");
  if (!copy) return fail(copy.error());
  if (!verify) return fail(verify.error());
  if (auto done = run_as_server({*copy, "-h", folders.sockets, "-p", "5432", "-U", "postgres", "-D", half, "-c", "fast", "-X",
                                 "none", "--manifest-checksums=SHA256"},
                                copy_timeout_ms);
      !done)
    return fail(Code::backup_failed, "{}", done.error().detail);
  // -n: the WAL is not in the backup but in the archive
  if (auto done = run_as_server({*verify, "-q", "-n", half}, copy_timeout_ms); !done)
    return fail(Code::backup_failed, "{}", done.error().detail);
  return {};
}

}  // namespace

std::string lsn_text(std::int64_t timeline, const std::string& place) { return fmt::format("{}:{}", timeline, place); }

Result<BackupInfo> Backups::create(Time now) {
  const auto alone = await_lock(folders_.base);  // the keeper's and a person's may meet
  if (!alone) return fail(alone.error());
  BackupInfo info;
  info.started_at = now;
  info.label = label_of(now);
  for (int second = 1; file_exists(folders_.base + "/" + info.label); ++second) info.label = label_of(now.plus_ms(second * 1000));
  const std::string whole = folders_.base + "/" + info.label, half = folders_.base + "/.new-" + info.label;
  BS_TRY(check_space(connection_, folders_.base));
  BS_TRY(remove_tree(half));
  Status copied = copy_and_verify(half, folders_);
  if (copied) copied = read_manifest(half, info);
  if (!copied) {
    BS_TRY(remove_tree(half));
    return fail(std::move(copied.error()));
  }
  info.bytes = bytes_in(half);
  info.ended_at = std::max(now, wall_clock());
  std::error_code error;
  std::filesystem::rename(half, whole, error);
  if (error) return fail(Code::backup_failed, "cannot rename {}: {}", half, error.message());
  BS_TRY(write_file_durably(whole + ".json", note_text(info)));  // listed from here on
  return info;
}

Result<std::vector<BackupInfo>> Backups::list() const {
  std::vector<BackupInfo> backups;
  for (const std::string& name : list_folder(folders_.base)) {
    if (!name.ends_with(".json")) continue;
    const std::string path = folders_.base + "/" + name;
    if (!file_exists(path.substr(0, path.size() - 5) + "/backup_manifest")) continue;  // removed by hand
    const auto text = read_file(path);
    if (!text) return fail(text.error());
    auto info = read_note(*text);
    if (!info) return fail(info.error().code, "{}: {}", path, info.error().detail);
    backups.push_back(std::move(*info));
  }
  return backups;
}

Result<Time> Backups::newest_of_live() const {
  const auto live = read_control(folders_.newest_epoch());
  if (!live) return fail(live.error());
  const auto backups = list();
  if (!backups) return fail(backups.error());
  for (auto backup = backups->rbegin(); backup != backups->rend(); ++backup) {
    const auto end = Lsn::parse(backup->end_lsn);
    if (!end) return fail(end.error());
    if (end->timeline == live->timeline) return backup->ended_at;
  }
  return Time();
}

}  // namespace backstitch::database
