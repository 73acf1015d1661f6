#include "recovery/report/window_counts.h"

#include <algorithm>

#include "base/json.h"
#include "recovery/capture/beforehand.h"
#include "recovery/prepared/prepared.h"
#include "recovery/replay/recorded_order.h"
#include "recovery/saga/steps.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::string text(const json::value& value, const char* name) {
  const json::value* found = value.is_object() ? value.get_object().if_contains(name) : nullptr;
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

void count_input(const queue::Record& record, WindowCounts& counts) {
  if (record.schema == "incoming.submit/1") ++counts.orders;
  if (record.schema == "incoming.item-command/1" || record.schema == "incoming.task-command/1") ++counts.commands;
  const bool activation = record.schema == "incoming.catalog-activate/1", grant = record.schema == "incoming.grant-change/1";
  if (!activation && !grant) return;
  const auto value = parse_json(record.value);
  if (!value) return;
  if (activation) counts.activations.insert(text(*value, "digest"));
  const std::string verb = text(*value, "verb");
  if (grant && (verb == "revoke" || verb == "unassign" || verb == "remove-user"))
    counts.revocations.insert(text(*value, "commandId"));
}

/// `consumed`: the offset behind the last record that a turn of the old database had taken. A seal is the recovery's own record.
void count_answer(const queue::Record& record, std::uint64_t consumed, WindowCounts& counts) {
  if (record.offset >= consumed && record.schema != "completer.seal/1") ++counts.not_consumed;
  const auto value = parse_json(record.value);
  if (!value) return;
  const std::string key = text(*value, "effectKey");
  if (record.schema == "completer.mark/1") ++counts.open_marks[key];
  if (!tells_of_call(record.schema)) return;
  counts.open_marks.erase(key);
  const std::string outcome = text(*value, "outcome");
  if (outcome == "done") ++counts.executed;
  if (outcome == "unknown") ++counts.unknown;
}

/// The offset behind the last record of completer that a turn of the old database had consumed.
Result<std::uint64_t> consumed_to(World& world, Partition partition) {
  const auto recorded = RecordedOrder::read(world.safe, partition, false);
  if (!recorded) return fail(recorded.error());
  std::uint64_t end = 1;
  for (const Run& run : recorded->runs())
    if (run.log == Log::completer) end = std::max(end, run.end);
  return end;
}

Status count_partition(World& world, const database::Position& from, const database::Position* to, WindowCounts& counts) {
  BS_TRY(world.safe.read_archive("incoming", from.partition, from.incoming, [&](const queue::Record& record) {
    if (to && record.offset >= to->incoming) return false;
    count_input(record, counts);
    return true;
  }));
  // What a copy has folded, turns of the old database had consumed.
  const auto consumed = to ? Result<std::uint64_t>(to->completer) : consumed_to(world, from.partition);
  if (!consumed) return fail(consumed.error());
  return world.safe.read_archive("completer", from.partition, from.completer, [&](const queue::Record& record) {
    if (to && record.offset >= to->completer) return false;
    count_answer(record, *consumed, counts);
    return true;
  });
}

/// Timers that were set behind T: the queue holds older ones too.
Result<std::int64_t> timers_of(World& world) {
  std::int64_t count = 0;
  std::map<Partition, queue::Offset> from;  // of what the outage exported
  for (const std::string& label : {world.plan.id, beforehand_label(world.plan)}) {
    const auto drained = load_drained(world.safe, label, "schedule");
    if (!drained && drained.error().code == Code::object_not_found) continue;
    if (!drained) return fail(drained.error());
    BS_TRY(read_drained(world.safe, *drained, [&](Partition partition, const queue::Record& record) {
      const auto later = from.find(partition);
      if (later != from.end() && record.offset >= later->second) return;
      count += record.schema == "schedule.timer/1" && record.appended > world.plan.time;
    }));
    for (const DrainedPartition& part : drained->partitions) from.try_emplace(part.partition, part.from);
  }
  return count;
}

bool is_end_told_later(const queue::Record& record) {
  if (record.schema != callback_schema) return false;
  const auto value = parse_json(record.value);
  return value && text(*value, "outcome") != to_text(CallOutcome::accepted);
}

/// Ends of calls that systems told behind the seals, while this recovery was under way.
Result<std::int64_t> late_callbacks(World& world, const Journal& journal) {
  std::int64_t count = 0;
  if (!world.queue) return count;
  for (const auto& [partition, behind] : sealed_ends(journal, "completer")) {  // capture may have archived some of them
    for (queue::Offset at = behind;;) {
      const auto records = world.queue->read("completer", partition, at, 1000);
      if (!records) return fail(records.error());
      if (records->empty()) break;
      for (const queue::Record& record : *records) count += is_end_told_later(record);
      at = records->back().offset + 1;
    }
  }
  return count;
}

}  // namespace

json::object counts_object(const WindowCounts& counts) {
  json::object marks;
  for (const auto& [call, number] : counts.open_marks) marks[call] = number;
  return {{"orders", counts.orders},
          {"executed", counts.executed},
          {"unknown", counts.unknown},
          {"notConsumed", counts.not_consumed},
          {"commands", counts.commands},
          {"activations", json::value_from(counts.activations)},
          {"revocations", json::value_from(counts.revocations)},
          {"openMarks", std::move(marks)}};
}

WindowCounts counts_from(const json::object& object) {
  WindowCounts counts;
  const auto number = [&](const char* name) { return object.at(name).to_number<std::int64_t>(); };
  counts.orders = number("orders"), counts.executed = number("executed"), counts.unknown = number("unknown");
  counts.not_consumed = number("notConsumed"), counts.commands = number("commands");
  counts.activations = json::value_to<std::set<std::string>>(object.at("activations"));
  counts.revocations = json::value_to<std::set<std::string>>(object.at("revocations"));
  for (const auto& [call, marks] : object.at("openMarks").as_object()) counts.open_marks[call] = marks.to_number<int>();
  return counts;
}

Status count_archive(World& world, const std::vector<database::Position>& from, const std::vector<database::Position>& to,
                     WindowCounts& counts) {
  for (const database::Position& begin : from) {
    const auto end = std::find_if(to.begin(), to.end(), [&](const auto& one) { return one.partition == begin.partition; });
    BS_TRY(count_partition(world, begin, end == to.end() ? nullptr : &*end, counts));
  }
  return {};
}

Result<json::object> count_window(World& world, const Journal& journal, std::int64_t asset_changes) {
  WindowCounts counts;
  std::vector<database::Position> from = restored_positions(journal);
  if (world.standing) counts = world.standing->prepared.counts, from = world.standing->prepared.positions;
  BS_TRY(count_archive(world, from, {}, counts));
  const auto timers = timers_of(world);
  if (!timers) return fail(timers.error());
  const auto late = late_callbacks(world, journal);
  if (!late) return fail(late.error());
  return json::object{{"ordersAcknowledged", counts.orders},
                      {"effectsExecuted", counts.executed},
                      {"unknownOutcomes", counts.unknown + static_cast<std::int64_t>(counts.open_marks.size())},
                      {"completerNotConsumed", counts.not_consumed},
                      {"timers", *timers},
                      {"assetChanges", asset_changes},
                      {"lateCallbacks", *late},
                      {"operatorCommands", counts.commands},
                      {"catalogActivations", counts.activations.size()},
                      {"grantsRevoked", counts.revocations.size()}};
}

}  // namespace backstitch::recovery
