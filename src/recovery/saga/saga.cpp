#include "recovery/saga/saga.h"

#include "recovery/saga/epoch.h"
#include "recovery/saga/steps.h"

namespace backstitch::recovery {
namespace {

constexpr const char* undone = "undone";

/// Another recovery's epoch, or an undone one: nothing is begun.
Status may_run(World& world, const Journal& journal) {
  if (journal.notes().contains(undone)) return fail(Code::step_out_of_order, "{} was undone; make a new plan", journal.id());
  const auto epoch = world.safe.epoch();
  if (!epoch) return fail(epoch.error());
  if (held_by_another(*epoch, journal.id()))
    return fail(Code::recovery_conflict, "epoch {} is closed by {}", epoch->n, epoch->saga);
  if (world.plan.cause.empty()) return fail(Code::cause_missing, "{}", world.plan.asked);
  return {};
}

Status run_step(World& world, Journal& journal, const Step& step) {
  const auto before = state_digest(world);
  if (!before) return fail(before.error());
  BS_TRY(journal.begin(step.name, wall_clock(), *before));
  world.say(fmt::format("{} …", step.name));
  const std::int64_t begun_ms = monotonic_ms();
  auto result = step.run(world, journal);
  if (!result) return fail(std::move(result.error()));
  const auto after = state_digest(world);
  if (!after) return fail(after.error());
  const std::int64_t ms = monotonic_ms() - begun_ms;
  BS_TRY(journal.finish(step.name, wall_clock(), ms, *after, std::move(*result)));
  world.say(fmt::format("{} done in {} ms", step.name, ms));
  return {};
}

/// Behind resume there is no way back, so an unproven database does not get there; undo is still open.
Status is_proven(const Journal& journal) {
  const boost::json::object verified = journal.step("verify").result;
  const auto* closed = verified.if_contains("closed");
  if (closed && closed->is_bool() && closed->get_bool()) return {};
  return fail(Code::conservation_broken, "{} is not switched to: recover report names why, recover undo goes back", journal.id());
}

}  // namespace

const std::vector<Step>& saga_steps() {
  static const std::vector<Step> all = {{"freeze", freeze},   {"seal", seal},         {"capture", capture},
                                        {"rewind", rewind},   {"fence", fence},       {"drain", drain},
                                        {"rebuild", rebuild}, {"replay", replay_log}, {"reconcile", reconcile_effects},
                                        {"verify", verify},   {"resume", resume}};
  return all;
}

Status run_saga(World& world, Journal& journal, const std::string& last) {
  BS_TRY(may_run(world, journal));
  for (const Step& step : saga_steps()) {
    if (!journal.is_done(step.name)) {
      // What a process needs that was killed in the middle: nothing runs, and the log is open.
      if (!world.queue && std::string_view(step.name) != "freeze") {
        const auto frozen = world.freeze(journal);
        if (!frozen) return fail(frozen.error());
      }
      // Once begun, resume is gone on with: what it did stands.
      const StepState state = journal.step(step.name).state;
      if (std::string_view(step.name) == "resume" && state == StepState::open) BS_TRY(is_proven(journal));
      BS_TRY(run_step(world, journal, step));
    }
    if (step.name == last) break;
  }
  return {};
}

Status undo_saga(World& world, Journal& journal) {
  if (journal.step("resume").state != StepState::open)
    return fail(Code::step_out_of_order, "{} has begun to resume: what it did stands", journal.id());
  if (journal.notes().contains(undone)) return {};
  world.database.reset();
  if (!world.copy) {
    auto found = provider_of(world).find(world.copy_name());
    if (!found) return fail(std::move(found.error()));
    world.copy = std::move(*found);
  }
  if (world.copy) BS_TRY(world.copy->remove());
  world.copy.reset();
  const auto epoch = world.safe.epoch();
  if (!epoch) return fail(epoch.error());
  if (!epoch->open && epoch->saga == journal.id()) BS_TRY(world.safe.change_epoch(*epoch, {epoch->n + 1, true, ""}));
  return journal.note(undone, boost::json::value(rfc3339(wall_clock())));
}

Epochs epochs_of(const Journal& journal) {
  const auto& result = journal.step("seal").result;
  const auto number = [&](const char* name) {
    const auto* value = result.if_contains(name);
    return value ? value->to_number<std::uint64_t>() : 0;
  };
  return {number("from"), number("to")};
}

}  // namespace backstitch::recovery
