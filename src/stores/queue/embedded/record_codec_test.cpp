#include "stores/queue/embedded/record_codec.h"

#include <gtest/gtest.h>

namespace backstitch::queue::embedded {
namespace {

const Record sample{7, {1'800'000'000'000'001}, "key", "x/1", "{}", std::string("a\0b", 3)};

bool equal(const Record& a, const Record& b) {
  return a.offset == b.offset && a.appended == b.appended && a.key == b.key && a.schema == b.schema && a.headers == b.headers &&
         a.value == b.value;
}

TEST(RecordCodec, KeysSortByTopicPartitionOffset) {
  std::string smaller, larger;
  encode_record_key(smaller, 1, 2, 255);
  encode_record_key(larger, 1, 2, 256);
  EXPECT_LT(smaller, larger);
  encode_record_key(smaller, 1, 2, ~Offset{0});
  encode_record_key(larger, 1, 3, 1);
  EXPECT_LT(smaller, larger);
  encode_record_key(larger, 2, 0, 1);
  EXPECT_LT(smaller, larger);
}

TEST(RecordCodec, RecordsComeBackAndTornOnesDoNot) {
  std::string key, value;
  encode_record_key(key, 3, 4, sample.offset);
  encode_record(value, sample);
  const auto record = decode_record(key, value);
  ASSERT_TRUE(record);
  EXPECT_TRUE(equal(*record, sample));
  for (std::size_t size = 0; size < value.size() - sample.value.size(); ++size)
    EXPECT_FALSE(decode_record(key, value.substr(0, size)));
  EXPECT_FALSE(decode_record(key.substr(1), value));
}

TEST(RecordCodec, HoldersComeBackInOrderAndTornListsDoNot) {
  std::string list;
  encode_holder(list, 5, sample);
  Record second = sample;
  second.offset = 9;
  second.value.clear();
  encode_holder(list, 6, second);
  const auto holders = decode_holders(list);
  ASSERT_TRUE(holders);
  ASSERT_EQ(holders->size(), 2u);
  EXPECT_TRUE(equal(holders->at(0), sample));
  EXPECT_TRUE(equal(holders->at(1), second));
  EXPECT_TRUE(decode_holders("")->empty());
  EXPECT_FALSE(decode_holders(list.substr(0, list.size() - 1)));
}

TEST(RecordCodec, SettingsAndEndsComeBack) {
  const TopicMeta topic{4, "tasks.default", {true, 123}};
  const auto read = decode_topic(topic_key(topic.name), encode_topic(topic));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, 4u);
  EXPECT_EQ(read->name, "tasks.default");
  EXPECT_TRUE(read->settings.durable);
  EXPECT_EQ(read->settings.retention_ms, 123);
  EXPECT_FALSE(decode_topic("t", "short"));

  const auto ends = decode_partition(encode_partition({3, 9, {77}, {{4, 6}, {7, 8}}}));
  ASSERT_TRUE(ends);
  EXPECT_EQ(ends->begin, 3u);
  EXPECT_EQ(ends->end, 9u);
  EXPECT_EQ(ends->last_at.us, 77);
  ASSERT_EQ(ends->gaps.size(), 2u);
  EXPECT_EQ(ends->gaps[1].from, 7u);
  EXPECT_FALSE(decode_partition("short"));
}

}  // namespace
}  // namespace backstitch::queue::embedded
