// T, in a copy beside the old one. What a prepare() made while the platform ran is taken as it is.
#include "recovery/planner/first_taken.h"
#include "recovery/saga/steps.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr const char* positions_note = "restoredPositions";

/// Where the restored database stands before anything is folded: W begins there. Noted once.
Status note_positions(World& world, Journal& journal) {
  if (journal.notes().contains(positions_note)) return {};
  const auto positions = world.database->positions();
  if (!positions) return fail(positions.error());
  BS_TRY(check_restored(world.safe, world.plan.exclusions, *positions));
  json::array out;
  for (const database::Position& at : *positions) out.push_back(json::array{at.partition, at.incoming, at.completer});
  return journal.note(positions_note, std::move(out));
}

}  // namespace

std::vector<database::Position> restored_positions(const Journal& journal) {
  std::vector<database::Position> out;
  if (const json::value* noted = journal.notes().if_contains(positions_note))
    for (const json::value& one : noted->as_array()) {
      database::Position at;
      at.partition = static_cast<Partition>(one.at(0).to_number<std::int64_t>());
      at.incoming = one.at(1).to_number<std::uint64_t>(), at.completer = one.at(2).to_number<std::uint64_t>();
      out.push_back(at);
    }
  return out;
}

StepResult rewind(World& world, Journal& journal) {
  auto found = provider_of(world).find(world.copy_name());
  if (!found) return fail(std::move(found.error()));
  const bool prepared = *found != nullptr;
  if (!prepared) {
    found = provider_of(world).restore(
        world.copy_name(), {.before = world.plan.before, .backup = world.plan.backup, .until = world.plan.until}, world.say);
    if (!found) return fail(std::move(found.error()));
  }
  world.copy = std::move(*found);
  BS_TRY(open_copy(world));
  BS_TRY(note_positions(world, journal));
  json::array changes;
  for (const std::string& change : world.copy->changes()) changes.emplace_back(change), world.say(change);
  return json::object{{"folder", world.copy->place()}, {"prepared", prepared}, {"changes", std::move(changes)}};
}

}  // namespace backstitch::recovery
