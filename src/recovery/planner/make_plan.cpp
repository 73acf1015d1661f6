#include "recovery/planner/make_plan.h"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/json.h"
#include "recovery/planner/plan_parts.h"
#include "stores/database/backup/measure.h"
#include "stores/database/private/sealed_cluster.h"

namespace backstitch::recovery {
namespace {

constexpr std::int64_t archive_wait_ms = 60'000;

using Target = database::History::Target;

Result<Target> before_commit(const database::History& history, const database::ForeignCommit& commit) {
  auto around = history.resolve(commit.commit.lsn);
  if (!around) return around;
  around->first_left = commit.commit;
  return around;
}

/// The earliest of what was asked for: in words, by the first foreign commit, by the first excluded input.
Result<Target> target_of(const PlanRequest& request, const PlanSources& sources, const database::History& history,
                         const std::vector<database::ForeignCommit>& foreign) {
  if (request.target == "latest") {
    auto last = history.last_commit();
    return last ? Result<Target>(Target{*last, {}}) : fail(last.error());
  }
  if (!request.target.empty()) {
    if (const auto time = parse_rfc3339(request.target)) return history.resolve(*time);
    if (const auto ago = parse_duration_ms(request.target)) return history.resolve(sources.now.plus_ms(-*ago));
    const auto lsn = database::Lsn::parse(request.target);
    if (!lsn) return fail(Code::usage, "\"{}\" is no time, no duration, no LSN and not \"latest\"", request.target);
    return history.resolve(*lsn);
  }
  const auto excluded = first_excluded(sources.safe, request.exclusions);
  if (!excluded) return fail(excluded.error());
  if (!foreign.empty() && (!excluded->is_set() || foreign.front().commit.at <= *excluded))
    return before_commit(history, foreign.front());
  if (excluded->is_set()) return history.resolve(*excluded);
  return fail(Code::usage, "nobody wrote past the engine and nothing is excluded: name the moment to go back to with --to");
}

/// The newest backup that had ended before the target.
Result<database::BackupInfo> backup_for(const std::vector<database::BackupInfo>& backups, const Target& target) {
  for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup) {
    const auto end = database::Lsn::parse(backup->end_lsn);
    if (!end) return fail(end.error());
    if (!target.first_left || (end->timeline <= target.first_left->lsn.timeline && end->place <= target.first_left->lsn.place))
      return *backup;
  }
  return fail(Code::target_out_of_range, "no backup is older than {}; the oldest ended at {}",
              target.first_left ? target.first_left->lsn.text() : "the target", rfc3339(backups.front().ended_at));
}

std::vector<std::string> roles_of(const std::vector<database::ForeignCommit>& foreign) {
  std::set<std::string> roles;
  for (const auto& commit : foreign)
    if (!commit.role.empty() && commit.role != "postgres") roles.insert(commit.role);
  return {roles.begin(), roles.end()};
}

}  // namespace

Result<Planned> make_plan(const PlanRequest& request, const PlanSources& sources) {
  if (sources.provider) return plan_by_provider(request, sources, *sources.provider);
  auto begun = begin_plan(request, sources);
  if (!begun) return begun;
  Planned planned = std::move(*begun);
  const database::ClusterFolders& folders = sources.folders;
  const std::string connection = database::socket_connection(folders.sockets);
  const database::Backups backups(folders);
  const auto list = backups.list();
  if (!list) return fail(list.error());
  if (list->empty())
    return fail(Code::backup_not_found, "there is no backup in {}{}", folders.base,
                sources.safe.folder().empty() ? "; backup fetch brings those that lie off site" : "");
  if (sources.live) BS_TRY(database::archive_now(connection, folders.wal, archive_wait_ms));
  const database::History history(folders);
  const auto oldest = database::Lsn::parse(list->front().end_lsn);
  if (!oldest) return fail(oldest.error());
  // With the platform down, and its folder locked, it is served to us alone for as long as names are asked for.
  std::unique_ptr<database::SealedCluster> sealed;
  if (!sources.live && sources.alone)
    if (auto opened = database::SealedCluster::open(folders, {.data_folder = folders.data_folder, .safe_folder = {}}); opened)
      sealed = std::move(*opened);
  auto foreign = history.foreign_commits(*oldest, sources.live ? connection : sealed ? sealed->connection() : std::string());
  sealed.reset();
  if (!foreign) return fail(std::move(foreign.error()));
  const auto target = target_of(request, sources, history, *foreign);
  if (!target) return fail(target.error());
  const auto backup = backup_for(*list, *target);
  if (!backup) return fail(backup.error());
  const Time kept_until = target->last_kept ? target->last_kept->at : backup->ended_at;
  BS_TRY(check_left_out(request, sources, kept_until));
  auto range = backups.range();
  if (!range) return fail(std::move(range.error()));
  planned.range = std::move(*range);
  Plan& plan = planned.plan;
  if (target->first_left) plan.before = target->first_left->lsn;
  const bool by_commit = !foreign->empty() && plan.before.is_set() && plan.before == foreign->front().commit.lsn;
  plan.asked = !request.target.empty() ? request.target
               : by_commit             ? "before the first foreign commit"
                                       : "before the first excluded input";
  plan.time = kept_until;
  plan.backup = backup->label;
  std::erase_if(*foreign, [&](const database::ForeignCommit& commit) {
    return plan.before.is_set() && commit.commit.lsn.timeline == plan.before.timeline &&
           commit.commit.lsn.place < plan.before.place;
  });
  plan.locked_roles = roles_of(*foreign);
  planned.foreign = std::move(*foreign), planned.backup_bytes = backup->bytes;
  BS_TRY(finish_plan(sources, planned));
  return planned;
}

}  // namespace backstitch::recovery
