#include "stores/queue/embedded/record_codec.h"

namespace backstitch::queue::embedded {
namespace {

template <class Number>
void put(std::string& out, Number number) {
  for (int shift = 8 * (sizeof(Number) - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

/// Reads on as long as there is enough; `ok` turns false for good at the first lack.
struct Reader {
  std::string_view rest;
  bool ok = true;

  template <class Number>
  Number number() {
    std::uint64_t read = 0;
    for (const unsigned char byte : text(sizeof(Number))) read = read << 8 | byte;
    return static_cast<Number>(read);
  }
  std::string_view text(std::size_t size) {
    if (!ok || rest.size() < size) {
      ok = false;
      return {};
    }
    const auto found = rest.substr(0, size);
    rest.remove_prefix(size);
    return found;
  }
  std::string_view text() { return text(number<std::uint32_t>()); }
};

std::optional<Record> read_record(Offset offset, std::string_view value) {
  Reader reader{value};
  Record record;
  record.offset = offset;
  record.appended.us = reader.number<std::int64_t>();
  record.key = reader.text();
  record.schema = reader.text();
  record.headers = reader.text();
  record.value = reader.rest;
  if (!reader.ok) return std::nullopt;
  return record;
}

}  // namespace

void encode_record_key(std::string& out, TopicId topic, Partition partition, Offset offset) {
  out.clear();
  put(out, topic);
  put(out, static_cast<std::uint32_t>(partition));
  put(out, offset);
}

void encode_record(std::string& out, const Record& record) {
  put(out, record.appended.us);
  put_text(out, record.key);
  put_text(out, record.schema);
  put_text(out, record.headers);
  out.append(record.value);
}

std::optional<Record> decode_record(std::string_view key, std::string_view value) {
  if (key.size() != 16) return std::nullopt;
  Reader reader{key.substr(8)};
  return read_record(reader.number<Offset>(), value);
}

std::string claim_key(TopicId topic, std::string_view claim) {
  std::string key;
  put(key, topic);
  return key.append(claim);
}

void encode_holder(std::string& list, Partition partition, const Record& record) {
  put(list, static_cast<std::uint32_t>(partition));
  put(list, record.offset);
  const std::size_t size_at = list.size();
  put(list, std::uint32_t{0});
  encode_record(list, record);
  std::string size;
  put(size, static_cast<std::uint32_t>(list.size() - size_at - sizeof(std::uint32_t)));
  list.replace(size_at, size.size(), size);
}

std::optional<std::vector<Record>> decode_holders(std::string_view list) {
  std::vector<Record> records;
  Reader reader{list};
  while (reader.ok && !reader.rest.empty()) {
    reader.number<std::uint32_t>();  // the partition: for people who read the folder
    const auto offset = reader.number<Offset>();
    auto record = read_record(offset, reader.text());
    if (!record) return std::nullopt;
    records.push_back(std::move(*record));
  }
  if (!reader.ok) return std::nullopt;
  return records;
}

std::string partition_key(TopicId topic, Partition partition) {
  std::string key = "p";
  put(key, topic);
  put(key, static_cast<std::uint32_t>(partition));
  return key;
}

std::string encode_partition(const PartitionMeta& meta) {
  std::string value;
  put(value, meta.begin);
  put(value, meta.end);
  put(value, meta.last_at.us);
  for (const Gap& gap : meta.gaps) {
    put(value, gap.from);
    put(value, gap.to);
  }
  return value;
}

std::optional<PartitionMeta> decode_partition(std::string_view value) {
  Reader reader{value};
  PartitionMeta meta;
  meta.begin = reader.number<Offset>();
  meta.end = reader.number<Offset>();
  meta.last_at.us = reader.number<std::int64_t>();
  while (reader.ok && !reader.rest.empty()) {
    const auto from = reader.number<Offset>();
    meta.gaps.push_back({from, reader.number<Offset>()});
  }
  if (!reader.ok) return std::nullopt;
  return meta;
}

std::string topic_key(std::string_view name) { return std::string("t").append(name); }

std::string encode_topic(const TopicMeta& meta) {
  std::string value;
  put(value, meta.id);
  put(value, static_cast<std::uint8_t>(meta.settings.durable));
  put(value, meta.settings.retention_ms);
  return value;
}

std::optional<TopicMeta> decode_topic(std::string_view key, std::string_view value) {
  Reader reader{value};
  TopicMeta meta;
  meta.name = key.substr(1);
  meta.id = reader.number<TopicId>();
  meta.settings.durable = reader.number<std::uint8_t>() != 0;
  meta.settings.retention_ms = reader.number<std::int64_t>();
  if (!reader.ok) return std::nullopt;
  return meta;
}

}  // namespace backstitch::queue::embedded
