// What the cases of the queue's contract share.
#pragma once
#include <string>
#include <vector>

#include "contract/words.h"
#include "stores/queue/port.h"

namespace backstitch::queue::contract {

using namespace backstitch::contract;

constexpr const char* durable = "incoming";
constexpr const char* fleeting = "tasks.default";

inline void make_topics(Queue& queue) {
  done(queue.ensure_topic(durable, {true, 60'000}), "ensure_topic");
  done(queue.ensure_topic(fleeting, {false, 60'000}), "ensure_topic");
}

inline Append plain(const std::string& topic, Partition partition, const std::string& value) {
  return {topic, partition, "account-1", "incoming.submit/1", R"({"bs-id":"1"})", value, "", ClaimMode::none};
}
inline Append claiming(const std::string& topic, const std::string& claim, ClaimMode mode, const std::string& value,
                       Partition partition = 0) {
  return {topic, partition, "account-1", "incoming.submit/1", R"({"bs-id":"1"})", value, claim, mode};
}

inline std::vector<Appended> put(Queue& queue, std::vector<Append> batch) {
  const auto count = batch.size();
  auto answers = value_of(queue.append(std::move(batch)), "append");
  same(answers.size(), count, "answers of a batch");
  return answers;
}
inline Appended put_one(Queue& queue, Append append) { return put(queue, {std::move(append)}).front(); }
/// `count` records with the values "0", "1" … one batch each.
inline void fill(Queue& queue, const std::string& topic, Partition partition, int count) {
  for (int i = 0; i < count; ++i) put_one(queue, plain(topic, partition, std::to_string(i)));
}

inline std::vector<Record> all(Queue& queue, const std::string& topic, Partition partition, Offset from = 1) {
  return value_of(queue.read(topic, partition, from, 1'000'000), "read");
}
inline std::string values(const std::vector<Record>& records) {
  std::string text;
  for (const Record& record : records) text += record.value + ",";
  return text;
}
inline TopicInfo::End ends(Queue& queue, const std::string& topic, Partition partition) {
  return value_of(queue.topic(topic), "topic").partitions.at(static_cast<std::size_t>(partition));
}

}  // namespace backstitch::queue::contract
