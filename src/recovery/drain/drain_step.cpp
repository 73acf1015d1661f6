// Derived queues were read into evidence up to their seals (capture); here the counts must meet the offsets, and the copy's own
// position in order_orderitems moves to that end. The records stay until resume: an undo needs them.
#include <algorithm>

#include "base/hash.h"
#include "base/json.h"
#include "recovery/capture/evidence.h"
#include "recovery/saga/steps.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::uint64_t number(const json::object& object, const char* name) { return object.at(name).to_number<std::uint64_t>(); }

/// The evidence file is whole: as many lines as records were there, and the digest that was noted.
Status check_evidence(World& world, const json::object& queue) {
  const auto file = world.safe.get(json::value_to<std::string>(queue.at("file")));
  if (!file) return fail(file.error());
  const auto lines = static_cast<std::uint64_t>(std::count(file->begin(), file->end(), '\n'));
  if (lines != number(queue, "records") || sha256_hex(*file) != json::value_to<std::string>(queue.at("sha256")))
    return fail(Code::drain_incomplete, "{}: {} lines of {} records", json::value_to<std::string>(queue.at("file")), lines,
                number(queue, "records"));
  return {};
}

}  // namespace

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
  BS_TRY(open_copy(world));
  const json::object captured = journal.step("capture").result;
  json::array drained;
  for (const json::value& queue : captured.at("queues").as_array()) {
    BS_TRY(check_evidence(world, queue.as_object()));
    drained.push_back(queue);
  }
  const std::uint64_t epoch = epochs_of(journal).to;
  BS_TRY(while_open(world, epoch,
                    [&] { return world.database->store_crm_positions(sealed_ends(journal, "order_orderitems")); }));
  return json::object{{"queues", std::move(drained)}};
}

}  // namespace backstitch::recovery
