#include "recovery/report/window_counts.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "recovery/drain/drain.h"
#include "recovery/replay/recorded_order.h"
#include "recovery/saga/steps.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

struct Counts {
  std::int64_t orders = 0, executed = 0, unknown = 0, not_consumed = 0, commands = 0;
  std::set<std::string> activations, revocations;
  std::map<std::string, int> open_marks;  // call → marks without an answer
};

std::string text(const json::value& value, const char* name) {
  const json::value* found = value.is_object() ? value.get_object().if_contains(name) : nullptr;
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

void count_input(const queue::Record& record, Counts& counts) {
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
void count_answer(const queue::Record& record, std::uint64_t consumed, Counts& counts) {
  if (record.offset >= consumed && record.schema != "completer.seal/1") ++counts.not_consumed;
  const auto value = parse_json(record.value);
  if (!value) return;
  const std::string key = text(*value, "effectKey");
  if (record.schema == "completer.mark/1") ++counts.open_marks[key];
  if (record.schema != "completer.answer/1") return;
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

Status count_partition(World& world, const database::Position& from, Counts& counts) {
  BS_TRY(world.safe.read_archive("incoming", from.partition, from.incoming, [&](const queue::Record& record) {
    count_input(record, counts);
    return true;
  }));
  const auto consumed = consumed_to(world, from.partition);
  if (!consumed) return fail(consumed.error());
  return world.safe.read_archive("completer", from.partition, from.completer, [&](const queue::Record& record) {
    count_answer(record, *consumed, counts);
    return true;
  });
}

/// Timers that were set behind T: the queue holds older ones too.
Result<std::int64_t> timers_of(World& world) {
  std::int64_t count = 0;
  const auto drained = load_drained(world.safe, world.plan.id, "schedule");
  if (!drained && drained.error().code == Code::object_not_found) return count;
  if (!drained) return fail(drained.error());
  BS_TRY(read_drained(world.safe, *drained, [&](Partition, const queue::Record& record) {
    count += record.schema == "schedule.timer/1" && record.appended > world.plan.time;
  }));
  return count;
}

/// Orders that ended well in the window.
Result<std::int64_t> activated_orders(World& world) {
  const auto ids = world.database->orders_changed(world.plan.time);
  if (!ids) return fail(ids.error());
  auto connection = world.database->open_shard();
  if (!connection) return fail(std::move(connection.error()));
  constexpr std::size_t at_once = 500;
  std::int64_t count = 0;
  for (std::size_t begin = 0; begin < ids->size(); begin += at_once) {
    const auto end = ids->begin() + static_cast<std::ptrdiff_t>(std::min(begin + at_once, ids->size()));
    const auto orders = (*connection)->load_orders({ids->begin() + static_cast<std::ptrdiff_t>(begin), end});
    if (!orders) return fail(orders.error());
    for (const database::StoredOrder& order : *orders) count += order.order.state == OrderState::activated;
  }
  return count;
}

}  // namespace

Result<json::object> count_window(World& world, const Journal& journal, const AssetChanges& changes) {
  Counts counts;
  for (const database::Position& from : restored_positions(journal)) BS_TRY(count_partition(world, from, counts));
  const auto delivered = std::count_if(changes.items.begin(), changes.items.end(),
                                       [&](const AssetChange& change) { return change.at >= world.plan.time; });
  const auto activated = activated_orders(world);
  const auto timers = timers_of(world);
  if (!timers) return fail(timers.error());
  if (!activated) return fail(activated.error());
  return json::object{{"ordersAcknowledged", counts.orders},
                      {"ordersActivated", *activated},
                      {"effectsExecuted", counts.executed},
                      {"unknownOutcomes", counts.unknown + static_cast<std::int64_t>(counts.open_marks.size())},
                      {"completerNotConsumed", counts.not_consumed},
                      {"timers", *timers},
                      {"assetChanges", delivered},
                      {"operatorCommands", counts.commands},
                      {"catalogActivations", counts.activations.size()},
                      {"grantsRevoked", counts.revocations.size()}};
}

}  // namespace backstitch::recovery
