// A backup that was never restored is a hope.
#include <optional>

#include "stores/database/backup/backup.h"
#include "stores/database/backup/measure.h"
#include "stores/database/backup/restore.h"
#include "stores/database/invariants/invariants.h"

namespace backstitch::database {
namespace {

constexpr std::size_t shown_max = 20;

Status equal_or_listed(const Measured& live, const Measured& copy) {
  const std::vector<std::string> all = differences(live, copy);
  if (all.empty()) return {};
  std::string text;
  for (std::size_t i = 0; i < std::min(all.size(), shown_max); ++i) text += "\n  " + all[i];
  return fail(Code::backup_differs, "{} differences between the live database and the copy at the same place:{}", all.size(),
              text);
}

Status invariants_hold(Connection& copy) {
  const auto checked = check_invariants(copy, "");
  if (!checked) return fail(checked.error());
  for (const Violation& violation : *checked)
    if (violation.count > 0)
      return fail(Code::invariant_violated, "in the restored copy: {} ({}), {} rows", violation.invariant, violation.title,
                  violation.count);
  return {};
}

}  // namespace

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
  auto session = Connection::open((*copy)->connection());
  if (!session) return fail(std::move(session.error()));
  BS_TRY(prepare_session(*session));
  const auto restored = measure(*session);
  if (!restored) return fail(restored.error());
  report.compared = live.has_value();
  if (live)
    BS_TRY(equal_or_listed(*live, *restored));
  else
    BS_TRY(invariants_hold(*session));
  report.accounts = static_cast<std::int64_t>(restored->accounts.size());
  report.tables = static_cast<std::int64_t>(restored->tables.size());
  for (const auto& [name, table] : restored->tables) report.rows += table.rows;
  return report;
}

std::string BackupCheck::text() const {
  if (!compared)
    return fmt::format("backup {} restored in {} ms; its invariants hold; not compared, the live database is down", label,
                       restore_ms);
  return fmt::format("backup {} restored to {} in {} ms: {} accounts and {} rows in {} tables are equal", label, target_lsn,
                     restore_ms, accounts, rows, tables);
}

}  // namespace backstitch::database
