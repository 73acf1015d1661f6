#include "recovery/drain/drain.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/hash.h"
#include "base/json.h"

namespace backstitch::recovery {
namespace {

using queue::Offset;

/// JSON as it stands, or as text when it is none (a broken record is evidence too); always on one line.
void append_member(std::string& out, const char* name, const std::string& json) {
  out += fmt::format(",\"{}\":", name);
  if (json.empty())
    out += "null";
  else if (!is_json(json))
    append_json_string(out, json);
  else if (json.find('\n') != std::string::npos)
    append_json(out, *parse_json(json));
  else
    out += json;
}

void append_line(std::string& out, Partition partition, const queue::Record& record) {
  out += fmt::format("{{\"partition\":{},\"offset\":\"{}\",\"appendedAt\":\"{}\",\"key\":", partition, record.offset,
                     rfc3339(record.appended));
  append_json_string(out, record.key);
  out += ",\"schema\":";
  append_json_string(out, record.schema);
  append_member(out, "headers", record.headers);
  append_member(out, "value", record.value);
  out += "}\n";
}

std::uint64_t size_of(const std::vector<std::pair<Offset, Offset>>& ranges) {
  std::uint64_t size = 0;
  for (const auto& [from, to] : ranges) size += to - from;
  return size;
}

struct Reading {
  Drained drained;
  std::string content;  // of the file
};

/// Where a partition is read from and to, on top of what an earlier drain under this label has read.
Result<DrainedPartition> place_of(const queue::TopicInfo::End& now, const DrainSettings& settings, const std::string& topic) {
  DrainedPartition part{now.partition, now.begin, now.end, 0, {}};
  if (const auto from = settings.from.find(now.partition); from != settings.from.end()) part.from = from->second;
  if (const auto end = settings.end.find(now.partition); end != settings.end.end()) part.end = end->second;
  if (settings.to) part.end = std::min(part.end, *settings.to);
  if (part.end > now.end)
    return fail(Code::offset_behind_end, "{} partition {} ends at {}, not {}", topic, now.partition, now.end, part.end);
  part.end = std::max(part.end, part.from);
  return part;
}

/// Reads [part.from, part.end) of a queue; the counts must meet the offsets.
Status read_partition(queue::Queue& queue, const DrainSettings& settings, const queue::TopicInfo::End& now,
                      DrainedPartition& part, Reading& reading) {
  for (const auto& [from, to] : now.lost) {
    const Offset first = std::max(from, part.from), behind = std::min(to, part.end);
    if (first < behind) part.lost.emplace_back(first, behind);
  }
  for (Offset next = part.from; next < part.end;) {
    auto records = queue.read(reading.drained.topic, part.partition, next, settings.records_max);
    if (!records) return fail(std::move(records.error()));
    if (records->empty()) break;
    for (const queue::Record& record : *records) {
      if (record.offset >= part.end) break;
      append_line(reading.content, part.partition, record);
      ++part.records, ++reading.drained.records, ++reading.drained.schemas[record.schema];
    }
    next = records->back().offset + 1;
  }
  if (part.records + size_of(part.lost) == part.end - part.from) return {};
  return fail(Code::drain_incomplete, "{} partition {}: {} records and {} lost offsets between {} and {}", reading.drained.topic,
              part.partition, part.records, size_of(part.lost), part.from, part.end);
}

/// What an earlier drain under this label wrote: the file up to where its manifest says, whatever a killed one put behind it.
Result<std::optional<Reading>> read_before(safe::Safe& safe, const std::string& label, const std::string& topic) {
  auto before = load_drained(safe, label, topic);
  if (!before && before.error().code == Code::object_not_found) return std::nullopt;
  if (!before) return fail(std::move(before.error()));
  auto content = safe.get(before->file);
  if (!content) return fail(std::move(content.error()));
  content->resize(std::min<std::size_t>(content->size(), before->bytes));
  if (sha256_hex(*content) != before->sha256)
    return fail(Code::checksum_mismatch, "{} is not what {} says", before->file, before->manifest);
  return Reading{std::move(*before), std::move(*content)};
}

DrainedPartition* find(Drained& drained, Partition partition) {
  for (DrainedPartition& part : drained.partitions)
    if (part.partition == partition) return &part;
  return nullptr;
}

void join(Drained& drained, DrainedPartition part) {
  DrainedPartition* before = find(drained, part.partition);
  if (!before) {
    drained.partitions.push_back(std::move(part));
    return;
  }
  before->end = part.end, before->records += part.records;
  before->lost.insert(before->lost.end(), part.lost.begin(), part.lost.end());
}

Status read_all(queue::Queue& queue, const DrainSettings& settings, Reading& reading) {
  const auto info = queue.topic(reading.drained.topic);
  if (!info) return fail(info.error());
  for (const queue::TopicInfo::End& now : info->partitions) {
    auto part = place_of(now, settings, reading.drained.topic);
    if (!part) return fail(std::move(part.error()));
    if (DrainedPartition* before = find(reading.drained, now.partition)) {
      // What went before anybody read it is declared, as what a lost tail took is.
      if (now.begin > before->end) before->lost.emplace_back(before->end, now.begin), before->end = now.begin;
      part->from = before->end, part->end = std::max(part->end, before->end);
    }
    BS_TRY(read_partition(queue, settings, now, *part, reading));
    join(reading.drained, std::move(*part));
  }
  return {};
}

/// The file first, then its manifest: a manifest never speaks of a file that is not there.
Status keep(safe::Safe& safe, Reading& reading) {
  reading.drained.bytes = reading.content.size();
  reading.drained.moved = false;
  reading.drained.sha256 = sha256_hex(reading.content);
  BS_TRY(safe.put(reading.drained.file, reading.content));
  return safe.put(reading.drained.manifest, drained_json(reading.drained));
}

Status move(queue::Queue& queue, safe::Safe& safe, const DrainSettings& settings, Drained& drained) {
  if (!moves_when_drained(drained.topic)) return {};
  if (settings.move_reader) BS_TRY(settings.move_reader(drained.ends()));
  for (const DrainedPartition& part : drained.partitions) BS_TRY(queue.trim(drained.topic, part.partition, part.end));
  const auto after = queue.topic(drained.topic);
  if (!after) return fail(after.error());
  const bool moved = std::all_of(after->partitions.begin(), after->partitions.end(), [&](const queue::TopicInfo::End& now) {
    const DrainedPartition* part = find(drained, now.partition);
    return !part || now.begin >= part->end;
  });
  if (moved == drained.moved) return {};
  drained.moved = moved;
  return safe.put(drained.manifest, drained_json(drained));
}

Status may_drain(safe::Safe& safe, const std::string& topic, const DrainSettings& settings) {
  if (topic == "incoming")
    return fail(Code::drain_refused, "incoming is never drained: what was acknowledged is replayed, or listed");
  const auto epoch = safe.epoch();
  if (!epoch) return fail(epoch.error());
  if (!epoch->open || settings.force || settings.dry_run) return {};
  return fail(Code::drain_refused, "{}: epoch {} is open, no recovery is under way; --force drains it all the same", topic,
              epoch->n);
}

}  // namespace

Ends Drained::ends() const {
  Ends out;
  for (const DrainedPartition& part : partitions) out[part.partition] = part.end;
  return out;
}

std::string drain_label(const safe::Epoch& epoch, Time now) {
  if (!epoch.saga.empty()) return epoch.saga;
  std::string text = rfc3339(now).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return "drain-" + text + "Z";
}

bool moves_when_drained(const std::string& topic) { return topic != "completer"; }

Result<Drained> drain(queue::Queue& queue, safe::Safe& safe, const std::string& label, const std::string& topic,
                      const DrainSettings& settings) {
  BS_TRY(may_drain(safe, topic, settings));
  auto before = read_before(safe, label, topic);
  if (!before) return fail(std::move(before.error()));
  Reading reading;
  if (*before) {
    reading = std::move(**before);
  } else {
    reading.drained.label = label, reading.drained.topic = topic;
    reading.drained.file = "evidence/" + label + "/" + topic + ".jsonl";
    reading.drained.manifest = "evidence/" + label + "/" + topic + ".json";
  }
  const std::uint64_t records_before = reading.drained.records;
  BS_TRY(read_all(queue, settings, reading));
  if (settings.dry_run) return std::move(reading.drained);
  if (!*before || reading.drained.records != records_before || reading.drained.ends() != (**before).drained.ends())
    BS_TRY(keep(safe, reading));
  BS_TRY(move(queue, safe, settings, reading.drained));
  return std::move(reading.drained);
}

}  // namespace backstitch::recovery
