// A backup that was never restored is a hope.
#include <optional>

#include "stores/database/backup/backup.h"
#include "stores/database/backup/compare_copy.h"
#include "stores/database/backup/restore.h"

namespace backstitch::database {

Result<BackupCheck> Backups::check(const std::function<void(const std::string&)>& step) {
  auto say = [&](const std::string& text) {
    if (step) step(text);
  };
  const auto backups = list();
  if (!backups) return fail(backups.error());
  if (backups->empty()) return fail(Code::backup_not_found, "there is no backup in {}", folders_.base);
  BackupCheck report;
  report.label = backups->back().label;
  report.size_bytes = backups->back().bytes;

  std::optional<Measured> live;
  std::string point;
  auto moment = take_moment(connection_, fmt::format("backup-check-{}", wall_clock().us));
  if (moment) {
    say(fmt::format("measuring the live database at {}", moment->lsn));
    auto measured = measure(moment->snapshot);
    if (!measured) return fail(std::move(measured.error()));
    live = std::move(*measured);
    point = moment->point;
    report.target_lsn = moment->lsn;
    BS_TRY(archive_now(connection_, folders_.wal, 120'000));
  } else if (moment.error().code != Code::database_unreachable) {
    return fail(std::move(moment.error()));
  }
  say(fmt::format("restoring backup {} and the WAL behind it into a scratch folder", report.label));
  const std::int64_t begun_ms = monotonic_ms();
  auto copy = RestoredCopy::make(folders_, report.label, point);
  if (!copy) return fail(std::move(copy.error()));
  report.restore_ms = monotonic_ms() - begun_ms;
  say(live ? "comparing account by account" : "the live database is down: checking the copy alone");
  BS_TRY(compare_copy(live, (*copy)->connection(), report));
  return report;
}

std::string BackupCheck::text() const {
  if (target_lsn.empty() && !known.empty()) return known;
  if (!compared)
    return fmt::format("backup {} restored in {} ms; its invariants hold; not compared, the live database is down", label,
                       restore_ms);
  return fmt::format("backup {} restored to {} in {} ms: {} accounts and {} rows in {} tables are equal", label, target_lsn,
                     restore_ms, accounts, rows, tables);
}

}  // namespace backstitch::database
