#include "recovery/capture/evidence.h"

#include "base/json.h"
#include "recovery/capture/beforehand.h"
#include "recovery/capture/time_left.h"
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
  auto beforehand = exported_beforehand(world, topic);
  if (!beforehand) return fail(std::move(beforehand.error()));
  settings.from = std::move(*beforehand);
  const auto drained = drain(*world.queue, world.safe, world.plan.id, topic, settings);
  if (!drained) return fail(drained.error());
  json::object out{{"name", topic}, {"file", drained->file}, {"sha256", drained->sha256}};
  std::uint64_t from = 0, to = 0, records = drained->records;
  for (const DrainedPartition& part : drained->partitions) from += part.from, to += part.end;
  if (!settings.from.empty()) {
    const auto before = load_drained(world.safe, beforehand_label(world.plan), topic);
    if (!before) return fail(before.error());
    for (const DrainedPartition& part : before->partitions)
      if (settings.from.contains(part.partition)) from -= part.end - part.from, records += part.records;
    out["beforehand"] = json::object{{"file", before->file}, {"sha256", before->sha256}};
  }
  out["from"] = from, out["to"] = to, out["records"] = records;
  return out;
}

Status declare_expired(World& world, const Journal& journal, json::array& gaps) {
  for (const std::string& topic : derived_topics(*world.queue)) {
    const auto info = world.queue->topic(topic);
    if (!info) return fail(info.error());
    const auto until = lost_until(world.safe, world.plan.id, *info, held_since(journal));
    if (!until) return fail(until.error());
    if (*until > world.plan.time) gaps.push_back(gap_object(topic, world.plan.time, *until, "expired"));
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
