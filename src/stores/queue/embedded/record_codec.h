// Keys and values of the log on disk. Numbers are big-endian, so that keys sort by topic, partition, offset.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stores/queue/port.h"

namespace backstitch::queue::embedded {

using TopicId = std::uint32_t;

/// Offsets [from, to) that were lost and never given out again.
struct Gap {
  Offset from = 0, to = 0;
};

/// What records alone do not tell: where an emptied partition ends, and what was lost.
struct PartitionMeta {
  Offset begin = 1, end = 1;
  Time last_at;
  std::vector<Gap> gaps;
};

struct TopicMeta {
  TopicId id = 0;
  std::string name;
  TopicSettings settings;
};

void encode_record_key(std::string& out, TopicId topic, Partition partition, Offset offset);
/// The value of a record; its offset stands in the key.
void encode_record(std::string& out, const Record& record);
std::optional<Record> decode_record(std::string_view key, std::string_view value);

std::string claim_key(TopicId topic, std::string_view claim);
/// A claim's value is a list; entries are appended as bytes.
void encode_holder(std::string& list, Partition partition, const Record& record);
std::optional<std::vector<Record>> decode_holders(std::string_view list);

std::string partition_key(TopicId topic, Partition partition);
std::string encode_partition(const PartitionMeta& meta);
std::optional<PartitionMeta> decode_partition(std::string_view value);

std::string topic_key(std::string_view name);
std::string encode_topic(const TopicMeta& meta);
std::optional<TopicMeta> decode_topic(std::string_view key, std::string_view value);

}  // namespace backstitch::queue::embedded
