// The archive is folded again, minus the exclusions: first as far as the old database had come, where every account that nobody
// touched must be what it was; then on to the seals.
#include "base/hash.h"
#include "base/json.h"
#include "recovery/capture/beforehand.h"
#include "recovery/capture/evidence.h"
#include "recovery/prepared/digests_before.h"
#include "recovery/prepared/prepared.h"
#include "recovery/replay/compare.h"
#include "recovery/replay/replay.h"
#include "recovery/saga/steps.h"
#include "recovery/window/window_standing.h"
#include "stores/database/private/server.h"
#include "stores/database/rewind/positions.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

ReplaySettings settings_of(World& world, bool beyond_mirror) {
  ReplaySettings settings;
  settings.threads = world.threads, settings.engine = world.engine, settings.beyond_mirror = beyond_mirror;
  settings.fatally_fail = world.plan.policy == Policy::fatally_fail;
  for (const Exclusion& exclusion : world.plan.exclusions)
    settings.exclusions[{exclusion.partition, exclusion.offset}] = exclusion;
  settings.progress = [&world, last_ms = std::int64_t{0}](std::uint64_t done, std::uint64_t all) mutable {
    if (monotonic_ms() - last_ms < 5'000) return;
    last_ms = monotonic_ms();
    world.say(fmt::format("replayed {} of {} inputs", done, all));
  };
  return settings;
}

Status number_turns(World& world) {
  std::map<Partition, std::uint64_t> mirrored;
  for (Partition partition = 0; partition < world.partitions; ++partition) {
    const auto last = world.safe.mirrored_turn(partition);
    if (!last) return fail(last.error());
    mirrored[partition] = *last;
  }
  return database::pass_turns(world.copy->connection(), mirrored);
}

json::object report_object(const ReplayReport& report) {
  return {{"inputs", report.inputs}, {"turns", report.turns}, {"ms", report.duration_ms}};
}

}  // namespace

Result<json::object> fold_to_mirror(World& world, std::uint64_t epoch) {
  json::object result;
  BS_TRY(while_open(world, epoch, [&]() -> Status {
    const auto report = replay(settings_of(world, false), world.safe, *world.database, world.library);
    if (!report) return fail(report.error());
    result = report_object(*report);
    return {};
  }));
  return result;
}

Result<json::object> fold_rest(World& world, std::uint64_t epoch) {
  json::object result;
  BS_TRY(while_open(world, epoch, [&]() -> Status {
    const auto rest = replay(settings_of(world, true), world.safe, *world.database, world.library);
    if (!rest) return fail(rest.error());
    result = report_object(*rest);
    return {};
  }));
  return result;
}

StepResult replay_log(World& world, Journal& journal) {
  BS_TRY(open_copy(world));
  BS_TRY(find_standing(world));
  BS_TRY(check_exclusions(world.safe, world.plan.exclusions));
  const std::uint64_t epoch = epochs_of(journal).to;
  auto first = fold_to_mirror(world, epoch);
  if (!first) return first;
  json::object result = std::move(*first);
  // Once only: further on the copy has decided more than the old database had.
  if (!journal.notes().contains("compared")) {
    auto compared = compare_accounts(world, restored_positions(journal));
    if (!compared) return fail(std::move(compared.error()));
    BS_TRY(journal.note("compared", std::move(*compared)));
  }
  BS_TRY(number_turns(world));
  auto rest = fold_rest(world, epoch);
  if (!rest) return rest;
  result["beyond"] = std::move(*rest);
  result["accounts"] = journal.notes().at("compared");
  return result;
}

namespace {

/// Where history is not at hand, whatever the copy may lack was committed before now.
Time last_commit_at(World& world) {
  const auto history = provider_of(world).history();
  if (!history) return wall_clock();
  const auto cut = history->last_commit();
  return cut && *cut ? (*cut)->at : Time();
}

/// The log as it is now, beside the platform that owns it. Where it cannot be read, everything is left for the outage.
Status look_at_log(World& world, const Journal& journal) {
  const auto log = world.log_beside_owner();
  Status looked = log ? export_beforehand(world, **log) : fail(log.error());
  const Time until = looked ? last_commit_at(world) : Time();
  if (looked && until.is_set()) looked = prepare_window(world, journal, **log, until);
  if (!looked) world.say("derived queues and window are left for the outage: " + looked.error().text());
  return {};
}

}  // namespace

Status prepare_copy(World& world, Journal& journal) {
  if (!journal.steps().empty()) return fail(Code::step_out_of_order, "{} has begun already", journal.id());
  auto found = rewind(world, journal);
  if (!found) return fail(std::move(found.error()));
  const auto epoch = world.safe.epoch();
  if (!epoch) return fail(epoch.error());
  BS_TRY(world.database->migrate());
  auto folded = fold_to_mirror(world, epoch->n + 1);
  if (!folded) return fail(std::move(folded.error()));
  world.say(fmt::format("the copy has folded {} inputs in {} ms; the rest is the tail",
                        folded->at("inputs").to_number<std::uint64_t>(), folded->at("ms").to_number<std::int64_t>()));
  BS_TRY(prepare_proof(world, journal));
  BS_TRY(prepare_digests_before(world));
  BS_TRY(look_at_log(world, journal));
  if (const Status written = database::write_back(world.copy->connection()); !written)
    world.say("the copy is not written back beforehand: " + written.error().text());  // its stop does it all the same
  return journal.note("prepared", std::move(*folded));
}

}  // namespace backstitch::recovery
