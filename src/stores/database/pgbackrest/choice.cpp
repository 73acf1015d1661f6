#include "stores/database/pgbackrest/choice.h"

#include <algorithm>

namespace backstitch::database {

bool is_behind_archive(const Lsn& place, const std::string& last) {
  const std::string name = fmt::format("{:08X}{:08X}{:08X}", place.timeline, place.place >> 32, (place.place >> 24) & 0xFF);
  return name.substr(8) > last.substr(std::min<std::size_t>(8, last.size()));
}

Result<BackupInfo> choose_backup(const std::vector<BackupInfo>& backups, const RestoreTarget& target) {
  bool known = false;
  for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup) {
    if (!target.backup.empty() && backup->label != target.backup) continue;
    known = true;
    const auto end = Lsn::parse(backup->end_lsn);
    if (!end) return fail(end.error());
    if (target.before.is_set() && (end->place > target.before.place || end->timeline > target.before.timeline)) continue;
    if (target.until.is_set() && backup->ended_at > target.until) continue;
    return *backup;
  }
  if (!known) return fail(Code::backup_not_found, "pgbackrest has no backup {}", target.backup);
  return fail(Code::target_out_of_range, "no backup ended before {}; the oldest ended at {} ({})",
              target.before.is_set() ? target.before.text() : rfc3339(target.until), backups.front().end_lsn,
              rfc3339(backups.front().ended_at));
}

std::vector<std::string> target_arguments(const RestoreTarget& target) {
  if (target.before.is_set())
    return {"--type=lsn", "--target=" + target.before.place_text(), "--target-exclusive", "--target-action=promote",
            fmt::format("--target-timeline={}", target.before.timeline)};
  if (!target.until.is_set()) return {"--type=default", "--target-timeline=latest"};
  std::string until = rfc3339(target.until);  // "2026-11-27T03:15:00.000000Z"
  until.replace(10, 1, " ").replace(until.size() - 1, 1, "+00");
  return {"--type=time", "--target=" + until, "--target-action=promote", "--target-timeline=latest"};
}

}  // namespace backstitch::database
