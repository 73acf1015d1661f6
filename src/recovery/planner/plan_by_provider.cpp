#include "recovery/planner/plan_parts.h"

namespace backstitch::recovery {
namespace {

constexpr std::int64_t archive_wait_ms = 60'000;

struct Asked {
  database::Lsn before;
  Time until;
  std::string words;
};

Result<Asked> asked_place(const std::string& text, const database::BackupProvider& provider) {
  const auto lsn = database::Lsn::parse(text);
  if (!lsn) return fail(Code::usage, "\"{}\" is no time, no duration and no LSN", text);
  if (!provider.takes_places()) return fail(Code::usage, "\"{}\": {} goes back to a time, not to a place", text, provider.name());
  return Asked{*lsn, {}, text};
}

Result<Asked> asked_of(const PlanRequest& request, const PlanSources& sources, const database::BackupProvider& provider) {
  if (const auto time = parse_rfc3339(request.target)) return Asked{{}, *time, request.target};
  if (const auto ago = parse_duration_ms(request.target)) return Asked{{}, sources.now.plus_ms(-*ago), request.target};
  if (!request.target.empty()) return asked_place(request.target, provider);
  const auto excluded = first_excluded(sources.safe, request.exclusions);
  if (!excluded) return fail(excluded.error());
  if (excluded->is_set()) return Asked{{}, Time{excluded->us - 1}, "before the first excluded input"};
  return fail(
      Code::usage,
      "who wrote past the engine cannot be read from the backups of {}, and nothing is excluded: name the moment to go back "
      "to with --to",
      provider.name());
}

bool ended_before(const database::BackupInfo& backup, const Asked& asked) {
  if (asked.until.is_set()) return backup.ended_at <= asked.until;
  const auto end = database::Lsn::parse(backup.end_lsn);
  return end && end->timeline <= asked.before.timeline && end->place <= asked.before.place;
}

/// The newest that had ended before; a provider may choose another.
Result<database::BackupInfo> backup_before(database::BackupProvider& provider, const Asked& asked,
                                           const database::RestorableRange& range) {
  const auto backups = provider.backups();
  if (!backups) return fail(backups.error());
  for (auto backup = backups->rbegin(); backup != backups->rend(); ++backup)
    if (ended_before(*backup, asked)) return *backup;
  return fail(Code::target_out_of_range, "{}: {}", asked.words, range.text());
}

}  // namespace

Result<Planned> plan_by_provider(const PlanRequest& request, const PlanSources& sources, database::BackupProvider& provider) {
  auto begun = begin_plan(request, sources);
  if (!begun) return begun;
  Planned planned = std::move(*begun);
  const auto asked = asked_of(request, sources, provider);
  if (!asked) return fail(asked.error());
  auto range = provider.range();
  if (!range) return fail(std::move(range.error()));
  // Who knows no places says himself how far back in time he is by now.
  if (provider.takes_places() || range->latest.time < asked->until) {
    BS_TRY(provider.archive_rest(archive_wait_ms));
    range = provider.range();
    if (!range) return fail(std::move(range.error()));
  }
  planned.range = std::move(*range);
  if (asked->until.is_set() && (asked->until < planned.range.earliest.time || asked->until > planned.range.latest.time))
    return fail(Code::target_out_of_range, "{}: {}", rfc3339(asked->until), planned.range.text());
  const auto backup = backup_before(provider, *asked, planned.range);
  if (!backup) return fail(backup.error());
  Plan& plan = planned.plan;
  // Of a place no time is known: the window is taken to begin where the backup ended.
  plan.time = asked->until.is_set() ? asked->until : backup->ended_at;
  BS_TRY(check_left_out(request, sources, plan.time));
  plan.asked = asked->words, plan.before = asked->before, plan.until = asked->until, plan.backup = backup->label;
  planned.backup_bytes = backup->bytes;
  BS_TRY(finish_plan(sources, planned));
  return planned;
}

}  // namespace backstitch::recovery
