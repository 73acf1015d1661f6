#include "recovery/assets/asset_changes.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"
#include "base/json_member.h"
#include "stores/queue/expired.h"
#include "stores/queue/tails.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr const char* topic_name = "order_orderitems";
constexpr std::size_t records_in_piece = 1000;

std::string json_of(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value ? write_json(*value) : "null";
}

std::uint64_t number_of(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_number()) return 0;
  json::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  return error ? 0 : number;
}

/// Reads one partition's part of the range.
class PartitionReader {
 public:
  PartitionReader(queue::Queue& queue, const queue::TopicInfo& topic, const AssetRange& range, AssetChanges& out)
      : queue_(queue), topic_(topic), range_(range), out_(out) {}

  Status read(const queue::TopicInfo::End& end) {
    partition_ = end.partition;
    BS_TRY(place(end));
    note_lost(end);
    while (next_ < stop_) {
      auto records = queue_.read(topic_name, partition_, next_, records_in_piece);
      if (!records && records.error().code == Code::offset_expired) {
        BS_TRY(pass_expired());
        continue;
      }
      if (!records) return fail(std::move(records.error()));
      if (records->empty()) return {};
      for (const queue::Record& record : *records)
        if (record.offset < stop_) last_at_ = record.appended, take_asset_change(partition_, record, out_);
      next_ = records->back().offset + 1;
    }
    return {};
  }

 private:
  Status place(const queue::TopicInfo::End& end) {
    if (const auto asked = range_.offsets.find(partition_); asked != range_.offsets.end()) {
      next_ = std::max<queue::Offset>(asked->second.first, 1), stop_ = std::min(asked->second.second, end.end);
      if (next_ < end.begin && next_ < stop_) note_expired(next_, end);
      return {};
    }
    const auto first = queue_.offset_at(topic_name, partition_, range_.from);
    if (!first) return fail(first.error());
    next_ = *first, stop_ = end.end;
    if (range_.to.is_set()) {
      const auto behind = queue_.offset_at(topic_name, partition_, Time{range_.to.us + 1});
      if (!behind) return fail(behind.error());
      stop_ = std::min(*behind, end.end);
    }
    const bool before_first = !end.first_at.is_set() || range_.from < end.first_at;
    const Time until = expired_until(end);
    const bool quiet_since = until.is_set() && range_.from.is_set() && until <= range_.from;  // nothing of the range went
    if (end.begin > 1 && before_first && !quiet_since) note_expired(1, end);
    next_ = std::max(next_, end.begin);
    return {};
  }

  Time expired_until(const queue::TopicInfo::End& end) const {
    return range_.now.is_set() ? queue::expired_until(topic_, end, range_.now) : end.first_at;
  }

  void note_expired(queue::Offset from, const queue::TopicInfo::End& end) {
    out_.gaps.push_back({partition_, from, end.begin, range_.from, expired_until(end), "expired"});
    next_ = std::max(next_, end.begin);
  }

  /// Retention went on while we read.
  Status pass_expired() {
    const auto topic = queue_.topic(topic_name);
    if (!topic) return fail(topic.error());
    for (const queue::TopicInfo::End& end : topic->partitions) {
      if (end.partition != partition_) continue;
      if (end.begin <= next_)
        return fail(Code::queue_failed, "{} of partition {}: offset {} is said to be expired", topic_name, partition_, next_);
      out_.gaps.push_back({partition_, next_, std::min(end.begin, stop_), last_at_, end.first_at, "expired"});
      next_ = end.begin;
      return {};
    }
    return fail(Code::partition_unknown, "{} of {}", partition_, topic_name);
  }

  /// A lost range has no times of its own: one that touches the range may belong to it. Where nothing ever stood nothing is lost:
  /// what was begun there stands behind it.
  void note_lost(const queue::TopicInfo::End& end) {
    for (const auto& [from, to] : queue::lost_tails(queue_, topic_name, end))
      if (to >= next_ && from <= stop_) out_.gaps.push_back({partition_, from, to, {}, {}, "lost"});
  }

  queue::Queue& queue_;
  const queue::TopicInfo& topic_;
  const AssetRange& range_;
  AssetChanges& out_;
  Partition partition_ = 0;
  queue::Offset next_ = 1, stop_ = 1;
  Time last_at_;
};

}  // namespace

void take_asset_change(Partition partition, const queue::Record& record, AssetChanges& out) {
  if (record.schema != "order_orderitems.asset/1") return;
  const auto document = parse_json(record.value);
  const auto headers = parse_json(record.headers.empty() ? "{}" : record.headers);
  const json::object* body = document && document->is_object() ? &document->get_object() : nullptr;
  if (!body || text_in(*body, "assetRef").empty() || !headers || !headers->is_object()) {
    out.gaps.push_back({partition, record.offset, record.offset + 1, record.appended, record.appended, "unreadable"});
    return;
  }
  AssetChange change{.partition = partition, .offset = record.offset, .at = record.appended};
  change.epoch = number_of(headers->get_object(), "bs-epoch"), change.version = number_of(*body, "version");
  change.asset_id = text_in(*body, "assetId"), change.reference = text_in(*body, "assetRef");
  change.account = text_in(*body, "accountId"), change.product = text_in(*body, "product");
  change.order = text_in(*body, "orderId"), change.line = text_in(*body, "lineId");
  change.action = text_in(*body, "action"), change.state = text_in(*body, "state");
  change.before = json_of(*body, "before"), change.after = json_of(*body, "after");
  change.service_record = json_of(*body, "serviceRecord");
  out.items.push_back(std::move(change));
}

Result<AssetChanges> read_asset_changes(queue::Queue& queue, const AssetRange& range) {
  AssetChanges out{range.from, range.to, {}, {}};
  const auto topic = queue.topic(topic_name);
  if (!topic) return fail(topic.error());
  for (const queue::TopicInfo::End& end : topic->partitions) BS_TRY(PartitionReader(queue, *topic, range, out).read(end));
  return out;
}

Result<Time> asset_time(std::string_view text, Time now) {
  if (text.empty()) return Time{};
  if (const auto duration = parse_duration_ms(text)) return now.plus_ms(-*duration);
  const auto time = parse_rfc3339(text);
  if (!time) return fail(Code::usage, "\"{}\" is neither a time such as 2026-11-23T05:21:00Z nor a duration such as 30m", text);
  return *time;
}

}  // namespace backstitch::recovery
