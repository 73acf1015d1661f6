#include <algorithm>

#include "recovery/planner/plan_parts.h"
#include "stores/database/private/server.h"

namespace backstitch::recovery {
namespace {

constexpr std::int64_t archive_wait_ms = 60'000;

/// Where to go back to: before a place, or to a moment.
struct Asked {
  database::Lsn before;
  Time until;
  std::string words;
  Time kept_until;  // of a place: the last commit before it, where it is known
  bool is_said() const { return before.is_set() || until.is_set(); }
};

/// Who wrote past the engine, as far as it can be known there.
struct Witnessed {
  std::optional<database::History> history;
  std::vector<database::ForeignCommit> foreign;
};

Result<Asked> asked_place(const std::string& text, const database::BackupProvider& provider) {
  if (text == "latest")
    return fail(Code::usage, "\"latest\" is for backups of our own; recover range says the latest time of {}: name that one",
                provider.name());
  const auto lsn = database::Lsn::parse(text);
  if (!lsn) return fail(Code::usage, "\"{}\" is no time, no duration and no LSN", text);
  if (!provider.takes_places()) return fail(Code::usage, "\"{}\": {} goes back to a time, not to a place", text, provider.name());
  return Asked{*lsn, {}, text, {}};
}

/// Nothing said: it is for the first foreign commit.
Result<Asked> asked_of(const PlanRequest& request, const PlanSources& sources, const database::BackupProvider& provider) {
  if (const auto time = parse_rfc3339(request.target)) return Asked{{}, *time, request.target, {}};
  if (const auto ago = parse_duration_ms(request.target)) return Asked{{}, sources.now.plus_ms(-*ago), request.target, {}};
  if (!request.target.empty()) return asked_place(request.target, provider);
  const auto excluded = first_excluded(sources.safe, request.exclusions);
  if (!excluded) return fail(excluded.error());
  if (!excluded->is_set()) return Asked{};
  return Asked{{}, Time{excluded->us - 1}, "before the first excluded input", {}};
}

bool ended_before(const database::BackupInfo& backup, const Asked& asked) {
  if (asked.until.is_set()) return backup.ended_at <= asked.until;
  const auto end = database::Lsn::parse(backup.end_lsn);
  return end && end->timeline <= asked.before.timeline && end->place <= asked.before.place;
}

/// The newest that had ended before; a provider may choose another.
Result<database::BackupInfo> backup_before(const std::vector<database::BackupInfo>& backups, const Asked& asked,
                                           const database::RestorableRange& range) {
  for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup)
    if (ended_before(*backup, asked)) return *backup;
  return fail(Code::target_out_of_range, "{}: {}", asked.words, range.text());
}

/// From the first of these backups that lies on the line of the database.
Result<Witnessed> witness_from(const PlanSources& sources, database::BackupProvider& provider,
                               const std::vector<database::BackupInfo>& backups) {
  const auto live = provider.live();
  if (!live) return fail(live.error());
  if (!database::takes_connections(*live))
    return fail(Code::database_unreachable, "which tables were written to is not known while the database does not answer");
  for (const database::BackupInfo& backup : backups) {
    const auto from = database::Lsn::parse(backup.end_lsn);
    if (!from) return Witnessed{};  // places are not known there
    auto history = provider.history_from(*from, sources.say);
    if (!history && history.error().code == Code::target_out_of_range) continue;
    if (!history) return fail(std::move(history.error()));
    if (!*history) return Witnessed{};
    auto foreign = (*history)->foreign_commits(*from, *live);
    if (!foreign) return fail(std::move(foreign.error()));
    return Witnessed{std::move(*history), std::move(*foreign)};
  }
  return fail(Code::backup_not_found, "no backup lies on the line of history that the database is on");
}

/// Where a moment was named, what lies before it is of no interest.
Result<Witnessed> witness(const PlanRequest& request, const PlanSources& sources, database::BackupProvider& provider,
                          const std::vector<database::BackupInfo>& backups, const Asked& asked,
                          const database::RestorableRange& range) {
  if (request.target.empty()) return witness_from(sources, provider, backups);
  auto backup = backup_before(backups, asked, range);
  if (!backup) return fail(std::move(backup.error()));
  return witness_from(sources, provider, {*backup});
}

/// Before the first foreign commit, unless something else was said, or lies before it.
Result<Asked> decided(const PlanRequest& request, const database::BackupProvider& provider, Asked asked,
                      const Witnessed& witnessed) {
  if (!request.target.empty()) return asked;
  if (!witnessed.history && !asked.is_said())
    return fail(Code::usage,
                "who wrote past the engine stands in the WAL, and {} hands out none: name with --to a moment before the damage "
                "(recover range prints what can be gone back to), or with --exclude the inputs to leave out",
                provider.name());
  if (witnessed.foreign.empty() && !asked.is_said())
    return fail(Code::usage, "nobody wrote past the engine and nothing is excluded: name the moment to go back to with --to");
  if (witnessed.foreign.empty()) return asked;
  const database::Commit& first = witnessed.foreign.front().commit;
  if (asked.is_said() && asked.until < first.at) return asked;
  const auto around = witnessed.history->resolve(first.lsn);
  if (!around) return fail(around.error());
  return Asked{first.lsn, {}, "before the first foreign commit", around->last_kept ? around->last_kept->at : Time()};
}

bool is_kept(const Plan& plan, const database::Commit& commit) {
  if (plan.until.is_set()) return commit.at <= plan.until;
  return commit.lsn.timeline == plan.before.timeline && commit.lsn.place < plan.before.place;
}

/// What can be gone back to, with all that is committed by now.
Result<database::RestorableRange> range_now(database::BackupProvider& provider, const Asked& asked) {
  auto range = provider.range();
  // Who knows no places says himself how far back in time he is by now.
  if (!range || (!provider.takes_places() && range->latest.time >= asked.until)) return range;
  BS_TRY(provider.archive_rest(archive_wait_ms));
  return provider.range();
}

}  // namespace

Result<Planned> plan_by_provider(const PlanRequest& request, const PlanSources& sources, database::BackupProvider& provider) {
  auto begun = begin_plan(request, sources);
  if (!begun) return begun;
  Planned planned = std::move(*begun);
  const auto said = asked_of(request, sources, provider);
  if (!said) return fail(said.error());
  auto range = range_now(provider, *said);
  if (!range) return fail(std::move(range.error()));
  planned.range = std::move(*range);
  if (said->until.is_set() && (said->until < planned.range.earliest.time || said->until > planned.range.latest.time))
    return fail(Code::target_out_of_range, "{}: {}", rfc3339(said->until), planned.range.text());
  const auto backups = provider.backups();
  if (!backups) return fail(backups.error());
  auto witnessed = witness(request, sources, provider, *backups, *said, planned.range);
  if (!witnessed && !said->is_said()) return fail(std::move(witnessed.error()));
  if (!witnessed)
    planned.foreign_unread = witnessed.error().text();
  else if (!witnessed->history)
    planned.foreign_unread = fmt::format("{} hands out no WAL", provider.name());
  if (!witnessed) witnessed = Witnessed{};
  const auto asked = decided(request, provider, *said, *witnessed);
  if (!asked) return fail(asked.error());
  const auto backup = backup_before(*backups, *asked, planned.range);
  if (!backup) return fail(backup.error());
  Plan& plan = planned.plan;
  // Of a place that was only named no time is known: the window is taken to begin where the backup ended.
  plan.time = asked->until.is_set() ? asked->until : asked->kept_until.is_set() ? asked->kept_until : backup->ended_at;
  BS_TRY(check_left_out(request, sources, plan.time));
  plan.asked = asked->words, plan.before = asked->before, plan.until = asked->until, plan.backup = backup->label;
  std::erase_if(witnessed->foreign, [&](const database::ForeignCommit& one) { return is_kept(plan, one.commit); });
  planned.foreign = std::move(witnessed->foreign), planned.backup_bytes = backup->bytes;
  BS_TRY(finish_plan(sources, planned));
  return planned;
}

}  // namespace backstitch::recovery
