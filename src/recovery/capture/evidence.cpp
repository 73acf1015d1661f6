#include "recovery/capture/evidence.h"

#include <algorithm>

#include "base/json.h"
#include "recovery/drain/drain.h"
#include "recovery/saga/steps.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr std::int64_t skew_margin_ms = 60'000;  // the CRM's clock is not the database's

std::string line_of(const crm::Record& record) {
  return write_json(json::object{{"type", record.type},
                                 {"externalId", record.external_id},
                                 {"state", record.state},
                                 {"epoch", record.epoch},
                                 {"version", record.version},
                                 {"modifiedAt", rfc3339(record.modified_at)},
                                 {"body", record.body}}) +
         "\n";
}

}  // namespace

json::object gap_object(const std::string& store, Time from, Time to, const std::string& why) {
  return {{"store", store},
          {"from", from.is_set() ? json::value(rfc3339(from)) : json::value(nullptr)},
          {"to", to.is_set() ? json::value(rfc3339(to)) : json::value(nullptr)},
          {"why", why}};
}

Result<json::object> export_queue(World& world, const Journal& journal, const std::string& topic) {
  DrainSettings settings;
  settings.end = sealed_ends(journal, topic);
  const auto drained = drain(*world.queue, world.safe, world.plan.id, topic, settings);
  if (!drained) return fail(drained.error());
  std::uint64_t from = 0, to = 0;
  for (const DrainedPartition& part : drained->partitions) from += part.from, to += part.end;
  return json::object{{"name", topic},
                      {"from", from},
                      {"to", to},
                      {"records", drained->records},
                      {"file", drained->file},
                      {"sha256", drained->sha256}};
}

/// Offsets behind the seals of the newest recovery before this one: what lay before them was drained into its evidence.
Result<std::map<Partition, std::uint64_t>> drained_before(World& world, const std::string& topic) {
  const auto ids = recoveries(world.safe);
  if (!ids) return fail(ids.error());
  std::map<Partition, std::uint64_t> ends;
  for (const std::string& id : *ids) {
    if (id == world.plan.id) continue;
    const auto journal = Journal::open(world.safe, id);
    if (!journal) return fail(journal.error());
    for (const auto& [partition, end] : sealed_ends(*journal, topic)) ends[partition] = std::max(ends[partition], end);
  }
  return ends;
}

Status declare_expired(World& world, json::array& gaps) {
  for (const std::string& topic : world.queue->topics()) {
    const auto info = world.queue->topic(topic);
    if (!info) return fail(info.error());
    // incoming and completer are archived as long as backups: nothing of them is lost with the queue's own retention.
    if (topic == "incoming" || topic == "completer") continue;
    const auto drained = drained_before(world, topic);
    if (!drained) return fail(drained.error());
    Time first;  // the oldest record that is still there, of the partitions that have lost some
    for (const auto& end : info->partitions) {
      const auto before = drained->find(end.partition);
      if (end.begin <= (before == drained->end() ? 1 : before->second)) continue;
      const Time at = end.first_at.is_set() ? end.first_at : wall_clock();
      if (at > first) first = at;
    }
    if (first.is_set() && first > world.plan.time) gaps.push_back(gap_object(topic, world.plan.time, first, "expired"));
  }
  return {};
}

json::object keep_crm_changes(World& world, json::array& gaps) {
  if (!world.crm) return {{"records", 0}, {"configured", false}};  // nobody was ever told anything
  const auto changed = world.crm->changed_since(world.plan.time.plus_ms(-skew_margin_ms));
  Status kept = changed ? Status() : fail(changed.error());
  if (changed) {
    std::string lines;
    for (const crm::Record& record : *changed) lines += line_of(record);
    kept = world.safe.put(evidence_name(world.plan, crm_changes), lines);
  }
  if (!kept) {
    gaps.push_back(gap_object("CRM", world.plan.time, {}, kept.error().text()));
    return {{"records", 0}};
  }
  return {{"records", changed->size()}, {"file", evidence_name(world.plan, crm_changes)}};
}

}  // namespace backstitch::recovery
