#include "stores/safe/keep_log.h"

#include "stores/queue/lost.h"

namespace backstitch::safe {
namespace {
constexpr std::size_t records_in_read = 2048;
constexpr int turns_in_read = 2048;

using End = queue::TopicInfo::End;

/// An archive has no gaps: where the log says that it lost a record, a line says so, too.
Result<std::vector<queue::Record>> without_gaps(const std::string& topic, const End& end, queue::Offset at,
                                                std::vector<queue::Record> records) {
  std::vector<queue::Record> all;
  all.reserve(records.size());
  for (queue::Record& record : records) {
    if (record.offset >= end.end) break;  // of a later look: what is lost there is not known yet
    for (; at < record.offset; ++at) {
      if (!queue::is_lost(end, at))
        return fail(Code::archive_gap, "{} of partition {} hands out no offset {}", topic, end.partition, at);
      all.push_back({at, record.appended, "", lost_schema, "", "{}"});
    }
    all.push_back(std::move(record)), ++at;
  }
  return all;
}

}  // namespace

Status archive_rest(queue::Queue& queue, Safe& safe, const std::string& topic,
                    const std::function<void(std::uint64_t)>& archived) {
  const auto info = queue.topic(topic);
  if (!info) return fail(info.error());
  for (const auto& end : info->partitions) {
    const auto there = safe.archived_end(topic, end.partition);
    if (!there) return fail(there.error());
    for (queue::Offset at = *there; at < end.readable_end();) {
      auto read = queue.read(topic, end.partition, at, records_in_read);
      if (!read) return fail(read.error());
      const auto records = without_gaps(topic, end, at, std::move(*read));
      if (!records) return fail(records.error());
      if (records->empty()) break;
      BS_TRY(safe.archive(topic, end.partition, *records));
      at = records->back().offset + 1;
      if (archived) archived(records->size());
    }
  }
  return {};
}

Result<TurnLines> unmirrored_turns(database::Shard& connection, Safe& safe, Partition partition) {
  const auto mirrored = safe.mirrored_turn(partition);
  if (!mirrored) return fail(mirrored.error());
  TurnLines all;
  for (std::size_t read = turns_in_read; read == turns_in_read;) {
    auto lines = connection.turn_lines(partition, all.empty() ? *mirrored : all.back().first, turns_in_read);
    if (!lines) return fail(std::move(lines.error()));
    read = lines->size();
    for (auto& line : *lines) all.push_back(std::move(line));
  }
  return all;
}

}  // namespace backstitch::safe
