#include "stores/database/rewind/restore_checks.h"

#include <cstring>
#include <fstream>

#include "base/files.h"
#include "stores/database/backup/restore.h"
#include "stores/database/private/control.h"

namespace backstitch::database {
namespace {

constexpr std::int64_t segment_bytes = 1 << 24;

struct Stand {
  Lsn start, end;
};
Result<Stand> stand_of(const BackupInfo& backup) {
  const auto start = Lsn::parse(backup.start_lsn), end = Lsn::parse(backup.end_lsn);
  if (!start) return fail(start.error());
  if (!end) return fail(end.error());
  return Stand{*start, *end};
}

/// A backup that ended where the line had already left its timeline holds what the line does not.
bool lies_on(const WalArchive& wal, const Stand& stand) {
  return wal.passes(stand.start) && wal.passes({stand.end.timeline, stand.end.place - 1});
}

Result<BackupInfo> choose_backup(const ClusterFolders& folders, const WalArchive& wal, const RestoreTarget& target) {
  auto backups = Backups(folders).list();
  if (!backups) return fail(std::move(backups.error()));
  if (backups->empty()) return fail(Code::backup_not_found, "there is no backup in {}", folders.base);
  bool known = false;
  for (auto backup = backups->rbegin(); backup != backups->rend(); ++backup) {
    if (!target.backup.empty() && backup->label != target.backup) continue;
    known = true;
    const auto stand = stand_of(*backup);
    if (!stand) return fail(stand.error());
    if (!lies_on(wal, *stand)) continue;
    if (target.before.is_set() && target.before.place < stand->end.place) continue;
    return *backup;
  }
  if (!known) return fail(Code::backup_not_found, "there is no backup {} in {}", target.backup, folders.base);
  const std::string which = target.backup.empty() ? "no backup" : fmt::format("backup {} not", target.backup);
  return fail(Code::target_out_of_range, "{} ended before {} on that line of history; the oldest ended at {}", which,
              target.before.is_set() ? target.before.text() : "the end of the archive", backups->front().end_lsn);
}

/// The first page of a segment says whose it is and where it belongs (xlog_internal.h).
Status check_page(const std::string& path, std::uint64_t segment, const std::string& system) {
  std::ifstream file(path, std::ios::binary);
  char head[32] = {};
  std::uint64_t place = 0, owner = 0;
  if (!file.read(head, sizeof head)) return fail(Code::wal_missing, "segment {} cannot be read", path);
  std::memcpy(&place, head + 8, sizeof place);
  std::memcpy(&owner, head + 24, sizeof owner);
  if (place != WalArchive::begin_of(segment))
    return fail(Code::wal_missing, "segment {} is damaged: it does not begin with the page it should", path);
  if (std::to_string(owner) != system) return fail(Code::wal_missing, "segment {} is of another cluster", path);
  return {};
}

Status check_wal(const ClusterFolders& folders, const WalArchive& wal, std::uint64_t first, std::uint64_t last,
                 const std::string& system) {
  for (std::uint64_t segment = first; segment <= last; ++segment) {
    BS_TRY(wal.check(segment));
    BS_TRY(check_page(folders.wal + "/" + wal.name_of(segment), segment, system));
  }
  return {};
}

/// Who has been restored into the place of the live one must be what it was. A live one that is gone cannot be asked.
Result<ControlData> check_kind(const ClusterFolders& folders, const BackupInfo& backup) {
  auto copy = read_control(folders.base + "/" + backup.label);
  if (!copy) return fail(Code::restore_failed, "backup {}: {}", backup.label, copy.error().detail);
  const auto live = read_control(folders.newest_epoch());
  if (!live) return copy;
  if (live->system != copy->system) return fail(Code::restore_failed, "backup {} is of another cluster", backup.label);
  if (live->checksums != copy->checksums)
    return fail(Code::restore_failed, "the live cluster has checksums {}, backup {} has them {}", live->checksums ? "on" : "off",
                backup.label, copy->checksums ? "on" : "off");
  return copy;
}

}  // namespace

Result<CheckedRestore> check_restore(const ClusterFolders& folders, const RestoreTarget& target,
                                     const RestoredCluster::Say& say) {
  CheckedRestore checked;
  std::optional<std::uint32_t> timeline;
  if (target.before.is_set())
    timeline = checked.before.emplace(target.before).timeline;
  else if (const auto live = read_control(folders.newest_epoch()))
    timeline = live->timeline;
  const auto wal = WalArchive::open(folders.wal, timeline);
  if (!wal) return fail(wal.error());
  checked.timeline = wal->timeline_at(wal->end() - 1);
  auto backup = choose_backup(folders, *wal, target);
  if (!backup) return fail(std::move(backup.error()));
  checked.backup = std::move(*backup);
  const auto stand = stand_of(checked.backup);
  if (!stand) return fail(stand.error());
  const auto control = check_kind(folders, checked.backup);
  if (!control) return fail(control.error());

  const std::uint64_t first = WalArchive::segment_of(stand->start.place);
  checked.last_segment = checked.before ? WalArchive::segment_of(checked.before->place) : wal->last();
  if (checked.last_segment > wal->last())
    return fail(Code::target_out_of_range, "{} lies behind the end of the archive, {}", checked.before->text(),
                Lsn{checked.timeline, wal->end()}.text());
  checked.archive_goes_on = checked.last_segment < wal->last();
  BS_TRY(check_wal(folders, *wal, first, checked.last_segment, control->system));
  checked.bytes = checked.backup.bytes + static_cast<std::int64_t>(checked.last_segment - first + 1) * segment_bytes;
  if (const std::int64_t free = free_bytes(folders.pg); free < checked.bytes)
    return fail(Code::disk_full, "backup and WAL take {} MiB, {} has {} MiB", checked.bytes >> 20, folders.pg, free >> 20);
  if (say) say(fmt::format("checking every file of backup {}", checked.backup.label));
  BS_TRY(verify_backup(folders, checked.backup.label));
  return checked;
}

}  // namespace backstitch::database
