// How far one can go back, read from the files of the safe alone.
#include <algorithm>

#include "base/files.h"
#include "stores/database/backup/backup.h"
#include "stores/database/private/programs.h"

namespace backstitch::database {
namespace {

bool is_segment(const std::string& name) {
  return name.size() == 24 && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

std::string between(const std::string& line, const std::string& before, const std::string& after) {
  const auto from = line.find(before);
  if (from == std::string::npos) return {};
  const auto start = from + before.size();
  return line.substr(start, line.find(after, start) - start);
}

/// "rmgr: Transaction … lsn: 0/0194C1C8, prev …, desc: COMMIT 2026-11-24 07:05:49.123456 UTC; …"
Result<RestorePoint> commit_of(const std::string& line, std::int64_t timeline) {
  std::string time = between(line, "desc: COMMIT ", " UTC");
  if (time.size() > 10) time[10] = 'T';
  const auto parsed = parse_rfc3339(time + "Z");
  if (!parsed) return fail(Code::backup_failed, "cannot read \"{}\"", line);
  return RestorePoint{lsn_text(timeline, between(line, "lsn: ", ",")), *parsed};
}

/// The last commit in a segment of the archive; no time when it holds none.
Result<RestorePoint> last_commit_in(const std::string& segment) {
  const auto dump = postgres_program("pg_waldump");
  if (!dump) return fail(dump.error());
  // pg_waldump complains at the end of a segment that was switched early; what it printed before counts.
  const auto line = run_as_server(
      {"/bin/sh", "-c",
       fmt::format("'{}' -r Transaction '{}' 2>/dev/null | grep 'desc: COMMIT ' | tail -n 1; exit 0", *dump, segment)},
      120'000);
  if (!line) return fail(line.error());
  if (line->empty()) return RestorePoint{};
  const std::string name = segment.substr(segment.rfind('/') + 1);
  return commit_of(*line, std::stoll(name.substr(0, 8), nullptr, 16));
}

}  // namespace

Result<RestorableRange> Backups::range() const {
  const auto backups = list();
  if (!backups) return fail(backups.error());
  if (backups->empty()) return fail(Code::backup_not_found, "there is no backup in {}", folders_.base);
  RestorableRange range;
  range.backups = static_cast<std::int64_t>(backups->size());
  range.earliest = {backups->front().end_lsn, backups->front().ended_at};
  range.latest = {backups->back().end_lsn, backups->back().ended_at};
  std::vector<std::string> segments = list_folder(folders_.wal);
  std::erase_if(segments, [](const std::string& name) { return !is_segment(name); });
  for (auto name = segments.rbegin(); name != segments.rend(); ++name) {
    const auto commit = last_commit_in(folders_.wal + "/" + *name);
    if (!commit) return fail(commit.error());
    if (!commit->time.is_set()) continue;  // a segment without commits: the one before it
    if (commit->time > range.latest.time) range.latest = *commit;
    break;
  }
  return range;
}

std::string RestorableRange::text() const {
  return fmt::format("from {} ({}) to {} ({}), by {} backup{} and the archived WAL", rfc3339(earliest.time), earliest.lsn,
                     rfc3339(latest.time), latest.lsn, backups, backups == 1 ? "" : "s");
}

}  // namespace backstitch::database
