#include "recovery/saga/world.h"

#include "base/hash.h"
#include "stores/database/own/own_provider.h"
#include "stores/database/postgres/database.h"

namespace backstitch::recovery {

database::BackupProvider& provider_of(World& world) {
  if (!world.provider) world.provider = database::make_own_provider(world.folders, world.cluster);
  return *world.provider;
}

Status open_copy(World& world) {
  if (world.database) return {};
  if (!world.copy) {
    auto found = provider_of(world).find(world.copy_name());
    if (!found) return fail(std::move(found.error()));
    if (!*found) return fail(Code::step_out_of_order, "there is no restored copy {} yet", world.copy_name());
    world.copy = std::move(*found);
  }
  BS_TRY(world.copy->start());
  world.database = database::make_postgres_database({world.copy->connection(), 8});
  return {};
}

void close_copy(World& world) {
  world.database.reset();
  world.copy.reset();
}

Status while_open(World& world, std::uint64_t epoch, const std::function<Status()>& work) {
  BS_TRY(world.database->set_epoch(epoch, true));
  Status done = work();
  Status closed = world.database->set_epoch(epoch, false);
  return done ? std::move(closed) : std::move(done);
}

Result<std::string> state_digest(World& world) {
  const auto epoch = world.safe.epoch();
  if (!epoch) return fail(epoch.error());
  std::string text = fmt::format("epoch {} {} {}\n", epoch->n, epoch->open, epoch->saga);
  if (world.queue)
    for (const std::string& name : world.queue->topics()) {
      const auto topic = world.queue->topic(name);
      if (!topic) return fail(topic.error());
      for (const auto& end : topic->partitions) text += fmt::format("{} {} {}\n", name, end.partition, end.end);
    }
  if (world.database) {
    const auto positions = world.database->positions();
    if (!positions) return fail(positions.error());
    for (const database::Position& at : *positions)
      text += fmt::format("position {} {} {} {} {}\n", at.partition, at.turn, at.incoming, at.completer, at.decision_digest);
  }
  return digest64_text(digest64(text));
}

std::vector<std::string> derived_topics(queue::Queue& queue) {
  std::vector<std::string> out;
  for (const std::string& name : queue.topics())
    if (name == "order_orderitems" || name == "schedule" || name.starts_with("tasks.")) out.push_back(name);
  return out;
}

std::string evidence_name(const Plan& plan, const std::string& file) { return "evidence/" + plan.id + "/" + file; }

}  // namespace backstitch::recovery
