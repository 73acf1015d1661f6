// Questions and orders to the brokers.
#include <librdkafka/rdkafka.h>

#include <algorithm>

#include "stores/queue/kafka/client.h"

namespace backstitch::queue::kafka {
namespace {

struct Freed {
  void operator()(rd_kafka_queue_t* it) const { rd_kafka_queue_destroy(it); }
  void operator()(rd_kafka_event_t* it) const { rd_kafka_event_destroy(it); }
  void operator()(rd_kafka_AdminOptions_t* it) const { rd_kafka_AdminOptions_destroy(it); }
  void operator()(rd_kafka_NewTopic_t* it) const { rd_kafka_NewTopic_destroy(it); }
  void operator()(rd_kafka_DeleteTopic_t* it) const { rd_kafka_DeleteTopic_destroy(it); }
  void operator()(rd_kafka_DeleteRecords_t* it) const { rd_kafka_DeleteRecords_destroy(it); }
  void operator()(rd_kafka_ConfigResource_t* it) const { rd_kafka_ConfigResource_destroy(it); }
  void operator()(rd_kafka_topic_partition_list_t* it) const { rd_kafka_topic_partition_list_destroy(it); }
};
template <class T>
using Owned = std::unique_ptr<T, Freed>;

/// Runs one order and returns its answer.
template <class Order>
Result<Owned<rd_kafka_event_t>> ask(Handle& handle, std::int64_t timeout_ms, const std::string& what, Order order) {
  handle.trouble.clear();
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(handle.rk));
  const Owned<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(handle.rk, RD_KAFKA_ADMIN_OP_ANY));
  char text[128];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(timeout_ms), text, sizeof text);
  order(options.get(), queue.get());
  const auto deadline = monotonic_ms() + timeout_ms + 1'000;
  Owned<rd_kafka_event_t> answer;
  while (answer == nullptr && monotonic_ms() < deadline) {
    rd_kafka_poll(handle.rk, 0);
    answer.reset(rd_kafka_queue_poll(queue.get(), 50));
  }
  if (answer == nullptr) return handle.trouble.as_error(Code::unreachable, what + ": no answer in time");
  if (const auto code = rd_kafka_event_error(answer.get())) return kafka_error(handle, code, what);
  return answer;
}

bool is_unknown(int code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
         code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

/// A partition is about to get its leader, or another one.
bool is_moving(int code) {
  return code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION || code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH || code == RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH ||
         code == RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE;
}

/// Whoever was asked does not answer: perhaps somebody else leads by now.
bool is_away(int code) {
  return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
         code == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
}

template <class T>
auto raw(const std::vector<Owned<T>>& owned) {
  std::vector<T*> out;
  for (const auto& one : owned) out.push_back(one.get());
  return out;
}

}  // namespace

Result<std::unique_ptr<Asker>> Asker::open(const KafkaSettings& settings) {
  auto asker = std::make_unique<Asker>();
  asker->settings_ = settings;
  BS_TRY(asker->renew());
  return asker;
}

// One unknown topic spoils the answer for all, and what a client has once taken for unknown it believes for a while: then a new
// client looks, those that the brokers do not know are left out, and the others are asked for again. So it does when a leader is
// away: a client that only asks believes for minutes that it still leads.
Status Asker::offsets(std::vector<At>& places) {
  for (At& place : places) place.no_topic = false;
  const auto deadline = monotonic_ms() + settings_.timeout_ms;
  for (;;) {
    const auto with = handle();
    const auto code = ask_offsets(*with, places);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    const bool again = is_unknown(code) || is_moving(code) || is_away(code);
    if (again) BS_TRY(renew());
    if (!again || monotonic_ms() > deadline) return kafka_error(*with, code, "asking for offsets");
    if (is_away(code)) continue;
    const auto known = topics();
    if (!known) return fail(known.error());
    for (At& place : places) {
      const auto topic = known->find(place.topic);
      place.no_topic = topic == known->end() || place.partition >= topic->second;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

std::shared_ptr<Handle> Asker::handle() {
  const std::lock_guard lock(mutex_);
  return handle_;
}

Status Asker::renew() {
  auto made = Handle::make(settings_, false, {});
  if (!made) return fail(std::move(made.error()));
  const std::lock_guard lock(mutex_);
  handle_ = std::move(*made);
  return {};
}

int Asker::ask_offsets(Handle& with, std::vector<At>& places) {
  with.trouble.clear();
  const Owned<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
  for (const At& place : places)
    if (!place.no_topic)
      rd_kafka_topic_partition_list_add(list.get(), place.topic.c_str(), place.partition)->offset = place.time_ms;
  if (list->cnt == 0) return 0;
  const auto attempt_ms = std::min<std::int64_t>(settings_.timeout_ms, std::max<std::int64_t>(settings_.timeout_ms / 3, 1'500));
  const auto code = rd_kafka_offsets_for_times(with.rk, list.get(), static_cast<int>(attempt_ms));
  rd_kafka_poll(with.rk, 0);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return static_cast<int>(code);
  for (At& place : places) {
    if (place.no_topic) continue;
    const auto* found = rd_kafka_topic_partition_list_find(list.get(), place.topic.c_str(), place.partition);
    if (found->err != RD_KAFKA_RESP_ERR_NO_ERROR) return static_cast<int>(found->err);
    place.none = found->offset < 0;
    place.offset = place.none ? 0 : static_cast<Offset>(found->offset);
  }
  return 0;
}

Status Asker::await_topics(const std::vector<std::string>& names) {
  std::vector<At> places;
  for (const std::string& name : names) places.push_back({name, 0, latest});
  const auto deadline = monotonic_ms() + settings_.timeout_ms;
  for (;;) {
    const Status asked = offsets(places);
    if (asked && std::none_of(places.begin(), places.end(), [](const At& place) { return place.no_topic; })) return {};
    if (monotonic_ms() > deadline) return asked ? fail(Code::unreachable, "Kafka: topic {} does not appear", names[0]) : asked;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

Result<Offset> Asker::offset(const std::string& topic, Partition partition, std::int64_t time_ms) {
  std::vector<At> one{{topic, partition, time_ms}};
  BS_TRY(offsets(one));
  if (one[0].no_topic) return fail(Code::topic_replaced, "Kafka has no topic {}", topic);
  return one[0].offset;
}

Result<std::map<std::string, Partition>> Asker::topics() {
  const auto with = handle();
  with->trouble.clear();
  const rd_kafka_metadata_t* data = nullptr;
  const auto code = rd_kafka_metadata(with->rk, 1, nullptr, &data, static_cast<int>(settings_.timeout_ms));
  rd_kafka_poll(with->rk, 0);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(*with, code, "asking for topics");
  std::map<std::string, Partition> out;
  for (int i = 0; i < data->topic_cnt; ++i)
    if (data->topics[i].err == RD_KAFKA_RESP_ERR_NO_ERROR) out[data->topics[i].topic] = data->topics[i].partition_cnt;
  rd_kafka_metadata_destroy(data);
  return out;
}

Result<std::map<std::string, int>> Asker::replicas() {
  const auto with = handle();
  const rd_kafka_metadata_t* data = nullptr;
  const auto code = rd_kafka_metadata(with->rk, 1, nullptr, &data, static_cast<int>(settings_.timeout_ms));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(*with, code, "asking for topics");
  std::map<std::string, int> out;
  for (int i = 0; i < data->topic_cnt; ++i)
    if (data->topics[i].partition_cnt > 0) out[data->topics[i].topic] = data->topics[i].partitions[0].replica_cnt;
  rd_kafka_metadata_destroy(data);
  return out;
}

Result<std::vector<std::string>> Asker::create(const std::vector<Made>& topics) {
  const auto with = handle();
  std::vector<Owned<rd_kafka_NewTopic_t>> wanted;
  char text[256] = "";
  for (const Made& topic : topics) {
    wanted.emplace_back(rd_kafka_NewTopic_new(topic.topic.c_str(), topic.partitions, settings_.replicas, text, sizeof text));
    if (wanted.back() == nullptr) return fail(Code::config_invalid, "Kafka: topic {}: {}", topic.topic, text);
    for (const auto& [name, value] : topic.options)
      rd_kafka_NewTopic_set_config(wanted.back().get(), name.c_str(), value.c_str());
  }
  auto pointers = raw(wanted);
  auto answer = ask(*with, settings_.timeout_ms, "making topics", [&](auto* options, auto* queue) {
    rd_kafka_CreateTopics(with->rk, pointers.data(), pointers.size(), options, queue);
  });
  if (!answer) return fail(std::move(answer.error()));
  std::size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer->get()), &count);
  std::vector<std::string> made;
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) made.emplace_back(rd_kafka_topic_result_name(results[i]));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    const char* words = rd_kafka_topic_result_error_string(results[i]);
    if (code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR || code == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION)
      return fail(Code::config_invalid, "Kafka: topic {}: {}", rd_kafka_topic_result_name(results[i]), words);
    return kafka_error(*with, code, std::string("making topic ") + rd_kafka_topic_result_name(results[i]));
  }
  return made;
}

Status Asker::remove(const std::vector<std::string>& topics) {
  const auto with = handle();
  std::vector<Owned<rd_kafka_DeleteTopic_t>> wanted;
  for (const std::string& topic : topics) wanted.emplace_back(rd_kafka_DeleteTopic_new(topic.c_str()));
  auto pointers = raw(wanted);
  auto answer = ask(*with, settings_.timeout_ms, "deleting topics", [&](auto* options, auto* queue) {
    rd_kafka_DeleteTopics(with->rk, pointers.data(), pointers.size(), options, queue);
  });
  if (!answer) return fail(std::move(answer.error()));
  return {};
}

Status Asker::remove_records(const std::string& topic, Partition partition, Offset before) {
  const auto with = handle();
  const Owned<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = static_cast<std::int64_t>(before);
  const Owned<rd_kafka_DeleteRecords_t> wanted(rd_kafka_DeleteRecords_new(list.get()));
  rd_kafka_DeleteRecords_t* pointer = wanted.get();
  auto answer = ask(*with, settings_.timeout_ms, "deleting records of " + topic,
                    [&](auto* options, auto* queue) { rd_kafka_DeleteRecords(with->rk, &pointer, 1, options, queue); });
  if (!answer) return fail(std::move(answer.error()));
  const auto* offsets = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(answer->get()));
  if (offsets->cnt == 1 && offsets->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return kafka_error(*with, offsets->elems[0].err, "deleting records of " + topic);
  return {};
}

Result<std::vector<Asker::Options>> Asker::options(const std::vector<std::string>& topics) {
  const auto with = handle();
  std::vector<Owned<rd_kafka_ConfigResource_t>> wanted;
  for (const std::string& topic : topics)
    wanted.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  auto pointers = raw(wanted);
  auto answer = ask(*with, settings_.timeout_ms, "asking for settings", [&](auto* options, auto* queue) {
    rd_kafka_DescribeConfigs(with->rk, pointers.data(), pointers.size(), options, queue);
  });
  if (!answer) return fail(std::move(answer.error()));
  std::size_t count = 0;
  const auto* found = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(answer->get()), &count);
  std::vector<Options> out;
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto code = rd_kafka_ConfigResource_error(found[i])) return kafka_error(*with, code, "asking for settings");
    out.push_back({rd_kafka_ConfigResource_name(found[i]), {}});
    std::size_t entries = 0;
    const auto* values = rd_kafka_ConfigResource_configs(found[i], &entries);
    for (std::size_t k = 0; k < entries; ++k) {
      const char* value = rd_kafka_ConfigEntry_value(values[k]);
      out.back().values[rd_kafka_ConfigEntry_name(values[k])] = value == nullptr ? "" : value;
    }
  }
  return out;
}

}  // namespace backstitch::queue::kafka
