// Derived queues were read into evidence up to their seals (capture); here the counts must meet the offsets, and the copy's own
// position in order_orderitems moves to that end. The records stay until resume: an undo needs them.
#include "base/probe.h"
#include "recovery/capture/evidence.h"
#include "recovery/saga/steps.h"

namespace backstitch::recovery {
namespace json = boost::json;

std::map<Partition, std::uint64_t> sealed_ends(const Journal& journal, const std::string& topic) {
  std::map<Partition, std::uint64_t> out;
  const json::object seal = journal.step("seal").result;
  const json::value* ends = seal.if_contains("ends");
  const json::value* wanted = ends ? ends->as_object().if_contains(topic) : nullptr;
  if (!wanted) return out;
  for (const auto& [partition, offset] : wanted->as_object())
    out[std::stoi(std::string(partition))] = offset.to_number<std::uint64_t>();
  return out;
}

StepResult drain(World& world, Journal& journal) {
  if (!guarded(Guard::drain)) return json::object{{"queues", json::array()}};
  BS_TRY(open_copy(world));
  json::array drained;
  for (const std::string& topic : derived_topics(*world.queue)) {
    auto whole = export_queue(world, journal, topic);
    if (!whole) return fail(std::move(whole.error()));
    drained.push_back(std::move(*whole));
  }
  BS_TRY(while_open(world, epochs_of(journal).to,
                    [&] { return world.database->store_crm_positions(sealed_ends(journal, "order_orderitems")); }));
  return json::object{{"queues", std::move(drained)}};
}

}  // namespace backstitch::recovery
