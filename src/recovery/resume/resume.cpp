// The point of no return. Decisions become inputs, the copy becomes the database, the net state of everything touched goes to the
// CRM, and the epoch opens. Every line may be run again after a kill.
#include <future>
#include <set>
#include <sstream>

#include "base/json.h"
#include "base/probe.h"
#include "recovery/prepared/prepared.h"
#include "recovery/rebuild/grants.h"
#include "recovery/resume/publish_net_state.h"
#include "recovery/resume/refresh_crm.h"
#include "recovery/saga/steps.h"
#include "stores/database/rewind/positions.h"
#include "stores/safe/keep_log.h"

namespace backstitch::recovery {
namespace json = boost::json;

std::string decisions_name(const Plan& plan);

namespace {

queue::Append input(World& world, const char* kind, Partition partition, const std::string& account, std::string value,
                    const std::string& claim) {
  queue::Append append;
  append.topic = "incoming", append.partition = partition, append.key = account;
  append.schema = fmt::format("incoming.{}/1", kind), append.value = std::move(value);
  append.headers = fmt::format("{{\"bs-actor\":\"recovery {}\"}}", world.plan.id);
  append.claim = claim, append.mode = queue::ClaimMode::first_only;
  return append;
}

/// The settlements that reconcile decided, each once: its line is its claim.
Status append_decisions(World& world) {
  const auto lines = world.safe.get(decisions_name(world.plan));
  if (!lines) return fail(lines.error());
  std::istringstream in(*lines);
  std::vector<queue::Append> batch;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line); ++number) {
    const auto decision = parse_json(line);
    if (!decision) return fail(decision.error());
    batch.push_back(input(world, "settlement", static_cast<Partition>(decision->at("partition").to_number<std::int64_t>()),
                          json::value_to<std::string>(decision->at("account")),
                          json::value_to<std::string>(decision->at("value")),
                          fmt::format("settlement\n{}\n{}", world.plan.id, number)));
  }
  if (batch.empty()) return {};
  const auto appended = world.queue->append(std::move(batch));
  return appended ? Status() : fail(appended.error());
}

/// What was left out, as an input of every partition that it concerns: it stands in the log from now on.
Status append_exclusions(World& world, const Journal& journal) {
  Distrusted distrusted;
  if (world.plan.policy == Policy::fatally_fail) {
    const auto replayed = world.database->positions();
    if (!replayed) return fail(replayed.error());
    distrusted = distrusted_between(restored_positions(journal), *replayed);
  }
  if (world.plan.exclusions.empty() && distrusted.empty()) return {};
  BS_TRY(keep_exclusions(world.safe, world.plan.id, world.plan.exclusions, distrusted));
  if (world.plan.exclusions.empty()) return {};
  std::map<Partition, std::vector<Exclusion>> by_partition;
  for (const Exclusion& exclusion : world.plan.exclusions) by_partition[exclusion.partition].push_back(exclusion);
  std::vector<queue::Append> batch;
  for (const auto& [partition, list] : by_partition)
    batch.push_back(input(world, "exclusion", partition, "*",
                          fmt::format("{{\"recovery\":\"{}\",\"list\":{}}}", world.plan.id, exclusions_json(list)),
                          fmt::format("exclusion\n{}\n{}", world.plan.id, partition)));
  const auto appended = world.queue->append(std::move(batch));
  return appended ? Status() : fail(appended.error());
}

/// A revocation that an exclusion left out is said again: no grant comes back in silence.
Status append_revocations(World& world, const Journal& journal) {
  std::set<std::uint64_t> excluded;
  for (const Exclusion& one : world.plan.exclusions)
    if (one.partition == 0) excluded.insert(one.offset);
  if (excluded.empty()) return {};
  for (const database::Position& at : restored_positions(journal)) {
    if (at.partition != 0) continue;
    const auto revoked = revocations_since(world.safe, at);
    if (!revoked) return fail(revoked.error());
    for (const Revocation& one : to_issue_again(*revoked, true, excluded)) {
      const ReissuedRecord record = issued_again(one, world.plan.id, "recovery " + world.plan.id);
      const auto appended = world.queue->append({input(world, "grant-change", 0, "*", record.value, record.claim)});
      if (!appended) return fail(appended.error());
    }
  }
  return {};
}

/// What was drained into evidence goes: tasks and timers are derived anew from rows, and the CRM gets the net state.
Status trim_derived(World& world, const Journal& journal) {
  world.queue->hold_retention(false);
  if (!guarded(Guard::drain)) return {};
  for (const std::string& topic : derived_topics(*world.queue))
    for (const auto& [partition, end] : sealed_ends(journal, topic)) {
      const Status trimmed = world.queue->trim(topic, partition, end);
      if (!trimmed && trimmed.error().code != Code::offset_expired) return trimmed;
    }
  return {};
}

/// The last that is written into the copy.
Status complete_copy(World& world, std::uint64_t epoch) {
  std::map<Partition, std::uint64_t> none;
  for (Partition partition = 0; partition < world.partitions; ++partition) none[partition] = 0;
  BS_TRY(database::pass_turns(world.copy->connection(), none));
  BS_TRY(world.database->set_epoch(epoch, true));
  world.database.reset();
  return {};
}

/// Tells the CRM and stops the copy at once: the one waits for the log, the other for its checkpoint.
Result<std::size_t> publish_and_stop(World& world, std::uint64_t epoch) {
  auto net = net_state_of(world);
  if (!net) return fail(std::move(net.error()));
  BS_TRY(complete_copy(world, epoch));
  auto stopping = std::async(std::launch::async, [&world] { return world.copy->stop(); });
  auto published = publish(std::move(*net), *world.queue, epoch);
  const Status stopped = stopping.get();
  if (!published) return published;
  if (!stopped) return fail(stopped.error());
  return published;
}

/// The copy is where everything went; after a kill it may bear its new name already.
Status switch_database(World& world, std::uint64_t epoch) {
  if (world.leaving.valid()) world.leaving.wait();
  BS_TRY(provider_of(world).switch_to(world.copy_name(), epoch));
  world.copy.reset();
  return {};
}

}  // namespace

StepResult resume(World& world, Journal& journal) {
  const std::uint64_t epoch = epochs_of(journal).to;
  std::size_t published = 0;
  json::object refreshed;
  const auto switched = provider_of(world).is_switched(epoch);
  if (!switched) return fail(switched.error());
  if (!*switched) {
    BS_TRY(open_copy(world));
    BS_TRY(find_standing(world));
    BS_TRY(append_exclusions(world, journal));
    BS_TRY(append_decisions(world));
    BS_TRY(append_revocations(world, journal));
    auto crm = refresh_crm(world);
    if (!crm) return crm;
    refreshed = std::move(*crm);
    // Folded before anybody can take a task: what must not be called is held by then.
    for (const char* topic : {"incoming", "completer"}) BS_TRY(safe::archive_rest(*world.queue, world.safe, topic));
    auto folded = fold_rest(world, epoch);
    if (!folded) return folded;
    BS_TRY(trim_derived(world, journal));
    auto told = publish_and_stop(world, epoch);
    if (!told) return fail(std::move(told.error()));
    published = *told;
    BS_TRY(switch_database(world, epoch));
  } else {
    BS_TRY(provider_of(world).switch_to(world.copy_name(), epoch));
  }
  const auto now = world.safe.epoch();
  if (!now) return fail(now.error());
  if (!now->open) BS_TRY(world.safe.change_epoch(*now, {epoch, true, ""}));
  return json::object{{"epoch", epoch}, {"published", published}, {"crm", std::move(refreshed)}};
}

}  // namespace backstitch::recovery
