#include "recovery/capture/evidence.h"

#include "base/hash.h"
#include "base/json.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr std::size_t records_in_read = 2048;

std::string record_line(Partition partition, const queue::Record& record) {
  std::string line = fmt::format("{{\"partition\":{},\"offset\":{},\"time\":\"{}\",\"key\":", partition, record.offset,
                                 rfc3339(record.appended));
  append_json_string(line, record.key);
  line += ",\"schema\":";
  append_json_string(line, record.schema);
  line += ",\"headers\":" + (record.headers.empty() ? "{}" : record.headers) + ",\"value\":" + record.value + "}\n";
  return line;
}

}  // namespace

json::object gap_object(const std::string& store, Time from, Time to, const std::string& why) {
  return {{"store", store},
          {"from", from.is_set() ? json::value(rfc3339(from)) : json::value(nullptr)},
          {"to", to.is_set() ? json::value(rfc3339(to)) : json::value(nullptr)},
          {"why", why}};
}

Result<json::object> export_queue(World& world, const std::string& topic) {
  const auto info = world.queue->topic(topic);
  if (!info) return fail(info.error());
  std::string lines;
  std::uint64_t records = 0, first = 0, last = 0;
  for (const auto& end : info->partitions)
    for (queue::Offset at = end.begin; at < end.end;) {
      const auto read = world.queue->read(topic, end.partition, at, records_in_read);
      if (!read) return fail(read.error());
      if (read->empty()) break;
      for (const queue::Record& record : *read) lines += record_line(end.partition, record);
      records += read->size(), first += end.begin == at ? at : 0, at = read->back().offset + 1, last = std::max(last, at);
    }
  const std::string file = evidence_name(world.plan, topic + ".jsonl");
  BS_TRY(world.safe.put(file, lines));
  return json::object{{"name", topic},     {"from", first}, {"to", last}, {"records", records},
                      {"file", file}, {"sha256", sha256_hex(lines)}};
}

Status declare_expired(World& world, json::array& gaps) {
  for (const std::string& topic : world.queue->topics()) {
    const auto info = world.queue->topic(topic);
    if (!info) return fail(info.error());
    Time first;  // the oldest record that is still there, of the partitions that have lost some
    for (const auto& end : info->partitions)
      if (end.begin > 1 && (!end.first_at.is_set() || end.first_at > first)) first = end.first_at.is_set() ? end.first_at : wall_clock();
    // incoming and completer are archived as long as backups: nothing of them is lost with the queue's own retention.
    if (topic == "incoming" || topic == "completer") continue;
    if (first.is_set() && first > world.plan.time) gaps.push_back(gap_object(topic, world.plan.time, first, "expired"));
  }
  return {};
}

json::object keep_crm_changes(World& world, json::array& gaps) {
  if (!world.crm) {
    gaps.push_back(gap_object("CRM", world.plan.time, {}, "no CRM is configured or it does not answer"));
    return {{"records", 0}};
  }
  return {{"records", 0}};
}

}  // namespace backstitch::recovery
