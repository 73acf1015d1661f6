// From here on nothing that was derived in the old epoch is a command: the epoch goes by compare-and-set to (n+1, closed, ours),
// and a seal stands in every partition of every queue.
#include "recovery/saga/epoch.h"
#include "recovery/saga/steps.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

Result<Epochs> close_epoch(World& world, const std::string& id) {
  const auto epoch = world.safe.epoch();
  if (!epoch) return fail(epoch.error());
  if (!epoch->open && epoch->saga == id) return Epochs{epoch->n - 1, epoch->n};  // of a run that was killed behind this line
  if (held_by_another(*epoch, id)) return fail(Code::recovery_conflict, "epoch {} is closed by {}", epoch->n, epoch->saga);
  const auto closed = world.safe.change_epoch(*epoch, {epoch->n + 1, false, id});
  if (!closed && closed.error().code == Code::epoch_conflict)
    return fail(Code::recovery_conflict, "another recovery closed the epoch at the same moment: {}", closed.error().detail);
  if (!closed) return fail(closed.error());
  return Epochs{epoch->n, epoch->n + 1};
}

/// A seal per partition, once: its claim says whether it stands there already. Returns the offset behind each.
Result<json::object> seal_topic(World& world, const std::string& topic, const Epochs& epochs) {
  std::vector<queue::Append> batch;
  for (Partition partition = 0; partition < world.partitions; ++partition) {
    queue::Append append;
    append.topic = topic, append.partition = partition, append.key = "*";
    append.schema = (topic.starts_with("tasks.") ? "tasks" : topic) + ".seal/1";
    append.headers = fmt::format("{{\"bs-epoch\":{}}}", epochs.to);
    append.value = fmt::format("{{\"epoch\":{},\"recovery\":\"{}\"}}", epochs.to, world.plan.id);
    append.claim = fmt::format("seal\n{}\n{}", world.plan.id, partition), append.mode = queue::ClaimMode::first_only;
    batch.push_back(std::move(append));
  }
  const auto appended = world.queue->append(std::move(batch));
  if (!appended) return fail(appended.error());
  json::object ends;
  for (Partition partition = 0; partition < world.partitions; ++partition) {
    const queue::Appended& one = (*appended)[static_cast<std::size_t>(partition)];
    ends[std::to_string(partition)] = (one.accepted() ? one.offset : one.holders.front().offset) + 1;
  }
  return ends;
}

}  // namespace

StepResult seal(World& world, Journal& journal) {
  const auto epochs = close_epoch(world, journal.id());
  if (!epochs) return fail(epochs.error());
  world.say(fmt::format("epoch {} is closed; sealing every queue", epochs->to));
  json::object ends;
  for (const std::string& topic : world.queue->topics()) {
    auto sealed = seal_topic(world, topic, *epochs);
    if (!sealed) return fail(std::move(sealed.error()));
    ends[topic] = std::move(*sealed);
  }
  return json::object{{"from", epochs->from}, {"to", epochs->to}, {"ends", std::move(ends)}};
}

}  // namespace backstitch::recovery
