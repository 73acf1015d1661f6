#include "recovery/audit/audit.h"

#include <poll.h>

#include <map>
#include <optional>

#include "base/files.h"
#include "recovery/audit/audit_copy.h"
#include "stores/database/backup/measure.h"
#include "stores/database/history/archive.h"
#include "stores/database/postgres/digests.h"

namespace backstitch::recovery {
namespace {

using database::Position;

constexpr std::int64_t wal_wait_ms = 60'000;
constexpr int look_every_ms = 50;

/// What the live database held, at a place in its log.
struct Seen {
  std::vector<Position> positions;
  AccountDigests accounts;
  std::string lsn;
  std::optional<database::Connection> session;  // held as long as somebody wants to look again: it keeps dead rows alive
};

Result<Seen> look(const std::string& live) {
  auto glimpse = database::take_glimpse(live);
  if (!glimpse) return fail(std::move(glimpse.error()));
  Seen seen{std::move(glimpse->positions), {}, std::move(glimpse->lsn), std::move(glimpse->snapshot)};
  BS_TRY(database::account_digests(*seen.session,
                                   [&](const std::string& account, std::uint64_t digest) { seen.accounts[account] = digest; }));
  return seen;
}

/// Whether archive and turn mirror hold all that this position has consumed.
Result<bool> is_kept(safe::Safe& safe, const Position& position) {
  const auto turn = safe.mirrored_turn(position.partition);
  if (!turn) return fail(turn.error());
  if (*turn < position.turn) return false;
  for (const auto& [topic, next] : {std::pair("completer", position.completer), {"incoming", position.incoming}}) {
    const auto end = safe.archived_end(topic, position.partition);
    if (!end) return fail(end.error());
    if (*end < next) return false;
  }
  return true;
}

Status await_safe(const AuditSettings& settings, safe::Safe& safe, const std::vector<Position>& positions) {
  const std::int64_t deadline_ms = monotonic_ms() + settings.archive_wait_ms;
  for (auto position = positions.begin(); position != positions.end();) {
    const auto kept = is_kept(safe, *position);
    if (!kept) return fail(kept.error());
    if (*kept) {
      ++position;
      continue;
    }
    if (monotonic_ms() > deadline_ms || (settings.give_up && *settings.give_up))
      return fail(Code::timed_out, "archive and turn mirror of partition {} have not come up to turn {} within {} ms",
                  position->partition, position->turn, settings.archive_wait_ms);
    ::poll(nullptr, 0, look_every_ms);
  }
  return {};
}

Result<ReplayReport> fold_to(const AuditSettings& settings, const AuditSources& sources, const std::vector<Position>& positions,
                             database::Database& copy) {
  ReplaySettings replaying;
  replaying.threads = settings.threads, replaying.engine = settings.engine;
  for (const Position& position : positions) replaying.until[position.partition] = {position.completer, position.incoming};
  replaying.progress = [&settings, last_ms = monotonic_ms()](std::uint64_t done, std::uint64_t all) mutable {
    if (monotonic_ms() - last_ms < 5'000) return;
    last_ms = monotonic_ms();
    settings.say(fmt::format("folded {} of {} inputs", done, all));
  };
  return replay(replaying, sources.safe, copy, sources.library);
}

void compare(const AccountDigests& here, const AccountDigests& there, Audit& audit) {
  audit.accounts = static_cast<std::int64_t>(here.size());
  for (const auto& [account, digest] : here) {
    const auto found = there.find(account);
    if (found == there.end())
      audit.only_here.add(account);
    else if (found->second != digest)
      audit.differing.add(account);
    else
      ++audit.equal;
  }
  for (const auto& [account, digest] : there)
    if (!here.contains(account)) audit.only_there.add(account);
}

Status compare_with(database::Database& copy, const Seen& seen, AccountDigests& there, Audit& audit) {
  BS_TRY(copy.account_digests([&](const std::string& account, std::uint64_t digest) { there[account] = digest; }));
  compare(seen.accounts, there, audit);
  const auto positions = copy.positions();
  if (!positions) return fail(positions.error());
  std::map<Partition, Position> reached;
  for (const Position& position : *positions) reached[position.partition] = position;
  for (const Position& live : seen.positions) {
    const Position& again = reached[live.partition];
    if (again.completer != live.completer || again.incoming != live.incoming || again.decision_digest != live.decision_digest)
      audit.partitions.push_back(live.partition);
  }
  return {};
}

/// The oldest backup that lies on the line of the database; not set where no places are known.
Result<database::Lsn> oldest_place(database::BackupProvider& provider) {
  const auto range = provider.range();
  if (!range) return fail(range.error());
  return range->earliest.lsn.empty() ? database::Lsn() : database::Lsn::parse(range->earliest.lsn);
}

/// Where our own archive begins, of the history at hand; else at the oldest backup.
Result<database::Lsn> beginning(const AuditSources& sources) {
  if (!sources.provider.history()) return oldest_place(sources.provider);
  const auto archive = database::WalArchive::open(sources.folders.wal);
  if (!archive) return fail(archive.error());
  const std::uint64_t place = database::WalArchive::begin_of(archive->first());
  return database::Lsn{archive->timeline_at(place), place};
}

Status name_foreign(const AuditSettings& settings, const AuditSources& sources, database::Lsn begin, Audit& audit) {
  if (!begin.is_set()) {
    const auto first = beginning(sources);
    if (!first) return fail(first.error());
    begin = *first;
  }
  const auto end = database::Lsn::parse(audit.lsn);
  if (!end) return fail(end.error());
  const auto history = sources.provider.history_from(begin, settings.say);
  if (!history) return fail(history.error());
  if (!*history || !begin.is_set()) return fail(Code::not_yet, "{} hands out no WAL", sources.provider.name());
  auto commits = (*history)->foreign_commits(begin, sources.live);
  if (!commits) return fail(std::move(commits.error()));
  for (database::ForeignCommit& one : *commits)
    if (one.commit.lsn.place < end->place) audit.foreign.push_back(std::move(one));
  return {};
}

Result<Audit> audit_alone(const AuditSettings& settings, const AuditSources& sources) {
  Audit audit;
  const std::int64_t begin_ms = monotonic_ms();
  auto seen = look(sources.live);
  if (!seen) return fail(seen.error());
  audit.at = settings.now, audit.lsn = seen->lsn;
  if (!settings.while_both_stand) seen->session.reset();
  settings.say(fmt::format("{} accounts at {}", seen->accounts.size(), seen->lsn));
  BS_TRY(await_safe(settings, sources.safe, seen->positions));
  // Who knows no places goes back to long before now.
  if (sources.provider.takes_places()) BS_TRY(sources.provider.archive_rest(wal_wait_ms));
  const std::int64_t restore_ms = monotonic_ms();
  auto copy = settings.from_start ? AuditCopy::empty(settings, static_cast<int>(seen->positions.size()))
                                  : AuditCopy::restore(settings, sources);
  if (!copy) return fail(std::move(copy.error()));
  audit.from = (*copy)->from(), audit.restore_ms = monotonic_ms() - restore_ms;
  settings.say(fmt::format("folding the log again from {}", audit.from));
  const auto report = fold_to(settings, sources, seen->positions, (*copy)->database());
  if (!report) return fail(report.error());
  audit.replay = *report;
  const std::int64_t compare_ms = monotonic_ms();
  AccountDigests there;
  BS_TRY(compare_with((*copy)->database(), *seen, there, audit));
  audit.compare_ms = monotonic_ms() - compare_ms;
  if (const Status named = name_foreign(settings, sources, (*copy)->begin(), audit); !named) {
    if (sources.provider.history()) return fail(named.error());
    audit.foreign_unread = named.error().text();
  }
  if (settings.while_both_stand)
    BS_TRY(settings.while_both_stand({*seen->session, (*copy)->connection(), seen->accounts, there, audit.partitions}));
  copy->reset();
  audit.duration_ms = monotonic_ms() - begin_ms;
  return audit;
}

}  // namespace

void Audit::Accounts::add(const std::string& account) {
  ++count;
  if (names.size() < named_max) names.push_back(account);
}

Result<Audit> audit(const AuditSettings& settings, const AuditSources& sources) {
  BS_TRY(make_folders(sources.folders.data_folder + "/run"));
  const auto alone = FolderLock::take(sources.folders.data_folder + "/run/audit.lock");
  if (!alone) return fail(Code::already_running, "another audit is under way: {}", alone.error().detail);
  auto done = audit_alone(settings, sources);
  if (!done && settings.give_up && *settings.give_up) return fail(Code::timed_out, "the audit was given up");
  return done;
}

Status verdict(const Audit& audit) {
  if (audit.clean()) return {};
  return fail(Code::audit_differs,
              "{} of {} accounts differ, {} are only here, {} only in the log; {} partitions decided otherwise",
              audit.differing.count, audit.accounts, audit.only_here.count, audit.only_there.count, audit.partitions.size());
}

}  // namespace backstitch::recovery
