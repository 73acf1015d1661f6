#include "stores/database/backup/compare_copy.h"

#include "base/time.h"
#include "stores/database/invariants/invariants.h"
#include "stores/database/private/server.h"

namespace backstitch::database {
namespace {

constexpr const char* copy_name = "backup-check";  // always the same: what a killed one left goes with the next
constexpr std::int64_t archive_timeout_ms = 120'000;
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

/// Measured as it was before `target.before`, all of which lies with the backups.
Result<std::optional<Measured>> measure_live(BackupProvider& provider, RestoreTarget& target, const BackupProvider::Say& say) {
  const auto live = provider.live();
  if (!live) return fail(live.error());
  if (!takes_connections(*live)) return std::optional<Measured>();
  auto moment = take_moment(*live, "");
  if (!moment) return fail(std::move(moment.error()));
  const auto place = Lsn::parse(moment->lsn);
  if (!place) return fail(place.error());
  target.before = *place;
  say(fmt::format("measuring the live database at {}", moment->lsn));
  auto measured = measure(moment->snapshot);
  if (!measured) return fail(std::move(measured.error()));
  BS_TRY(provider.archive_rest(archive_timeout_ms));
  return std::move(*measured);
}

}  // namespace

Status compare_copy(const std::optional<Measured>& live, const std::string& connection, BackupCheck& report) {
  auto session = Connection::open(connection);
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
  return {};
}

Result<BackupCheck> check_by_restoring(BackupProvider& provider, const BackupInfo& newest, const BackupProvider::Say& say) {
  BackupCheck report;
  report.label = newest.label, report.size_bytes = newest.bytes;
  RestoreTarget target{.before = {}, .backup = newest.label, .until = {}};
  const auto live = measure_live(provider, target, say);
  if (!live) return fail(live.error());
  if (*live) report.target_lsn = target.before.text();
  BS_TRY(provider.discard(copy_name));
  const std::int64_t begun_ms = monotonic_ms();
  const auto copy = provider.restore(copy_name, target, say);
  if (!copy) return fail(copy.error());
  report.restore_ms = monotonic_ms() - begun_ms;
  say(*live ? "comparing account by account" : "the live database is down: checking the copy alone");
  const Status compared = compare_copy(*live, (*copy)->connection(), report);
  BS_TRY((*copy)->remove());
  if (!compared) return fail(compared.error());
  return report;
}

}  // namespace backstitch::database
