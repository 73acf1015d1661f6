#include "recovery/capture/beforehand.h"

#include <boost/json.hpp>

#include "base/hash.h"
#include "base/json.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr const char* ends_file = "beforehand/ends.json";

std::string digest_of(const queue::Record& record) {
  return digest64_text(digest64(fmt::format("{}\n{}\n{}\n{}\n{}\n{}", record.offset, record.appended.us, record.key,
                                            record.schema, record.headers, record.value)));
}

/// Of the record before this place; empty when it is not there any more.
Result<std::string> digest_before(queue::Queue& log, const std::string& topic, Partition partition, queue::Offset end) {
  if (end <= 1) return std::string();
  const auto last = log.read(topic, partition, end - 1, 1);
  if (!last && (last.error().code == Code::offset_expired || last.error().code == Code::offset_behind_end)) return std::string();
  if (!last) return fail(last.error());
  return last->empty() || last->front().offset != end - 1 ? std::string() : digest_of(last->front());
}

Result<json::object> ends_of(queue::Queue& log, const Drained& drained) {
  json::object ends;
  for (const DrainedPartition& part : drained.partitions) {
    auto digest = digest_before(log, drained.topic, part.partition, part.end);
    if (!digest) return fail(std::move(digest.error()));
    if (!digest->empty()) ends[std::to_string(part.partition)] = json::array{std::to_string(part.end), std::move(*digest)};
  }
  return ends;
}

}  // namespace

std::string beforehand_label(const Plan& plan) { return plan.id + "/beforehand"; }

Status export_beforehand(World& world, queue::Queue& log) {
  log.hold_retention(true);
  DrainSettings settings;
  settings.force = true;  // no recovery is under way yet
  json::object all;
  for (const std::string& topic : derived_topics(log)) {
    const auto drained = drain(log, world.safe, beforehand_label(world.plan), topic, settings);
    if (!drained) return fail(drained.error());
    auto ends = ends_of(log, *drained);
    if (!ends) return fail(std::move(ends.error()));
    all[topic] = std::move(*ends);
  }
  return world.safe.put(evidence_name(world.plan, ends_file), write_json(all));
}

Result<Ends> exported_beforehand(World& world, const std::string& topic) {
  Ends out;
  const auto text = world.safe.get(evidence_name(world.plan, ends_file));
  if (!text && text.error().code == Code::object_not_found) return out;
  if (!text) return fail(text.error());
  const auto all = parse_json(*text);
  if (!all) return fail(all.error());
  const json::value* ends = all->as_object().if_contains(topic);
  if (!ends) return out;
  for (const auto& [name, noted] : ends->as_object()) {
    const Partition partition = std::stoi(std::string(name));
    const queue::Offset end = std::stoull(json::value_to<std::string>(noted.at(0)));
    const auto digest = digest_before(*world.queue, topic, partition, end);
    if (!digest) return fail(digest.error());
    if (*digest == json::value_to<std::string>(noted.at(1))) out[partition] = end;
  }
  return out;
}

}  // namespace backstitch::recovery
