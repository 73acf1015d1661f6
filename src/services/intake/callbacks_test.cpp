#include "services/intake/callbacks.h"

#include <atomic>
#include <thread>

#include "model/identity.h"
#include "services/testing.h"

namespace backstitch {
namespace {

using namespace testing;

class CallbacksTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ensure_topics(queue);
    queue::Append mark;
    mark.topic = "completer", mark.partition = partition_of("A-1", partitions), mark.key = "A-1",
    mark.schema = "completer.mark/1";
    mark.value = R"({"effectKey":")" + key + R"(","itemId":"itm_00000000000000000000000001","worker":"w1"})";
    mark.claim = key, mark.mode = queue::ClaimMode::first_only;
    ASSERT_TRUE(queue.append({mark}));
  }
  Result<ReceivedCallback> say(const std::string& body) { return callbacks.receive(callbacks.token_of(key), body); }
  static void expect_fails(Code code, const Result<ReceivedCallback>& result) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, code) << result.error().text();
  }
  std::vector<queue::Record> received() { return all_records(queue, "completer", callback_schema); }

  const std::string key = "eff_00000000000000000000000001.1";
  HookedQueue queue{queue::StrictSettings{partitions, wall_clock}};
  Callbacks callbacks{"secret", queue, partitions};
};

TEST_F(CallbacksTest, ReceivedIsARecordOfTheItemUnderTheClaimOfItsCall) {
  const auto got = say(R"({"outcome":"done","code":"noc/200","response":{"b":1}})");
  ASSERT_TRUE(got.has_value()) << got.error().text();
  ASSERT_EQ(received().size(), 1u);
  const queue::Record record = received().front();
  EXPECT_EQ(record.key, "A-1");
  EXPECT_EQ(record.offset, got->offset);
  const auto value = object_of(record.value);
  EXPECT_EQ(text_of(value, "itemId"), "itm_00000000000000000000000001");
  EXPECT_EQ(text_of(value, "outcome"), "done");
  EXPECT_EQ(queue.holders("completer", key)->size(), 2u) << "the answer index tells it to whoever comes to this call";
  EXPECT_TRUE(
      parse_input({Log::completer, got->partition, record.offset, record.appended, record.key, record.schema, {}, record.value}));
}

TEST_F(CallbacksTest, AnAddressThatNobodyGaveOutIsRefused) {
  std::string token = callbacks.token_of(key);
  EXPECT_EQ(token.size(), key.size() + 41) << "160 bits in hexadecimal, behind a dot";
  const std::string body = R"({"outcome":"done"})";
  token.back() = token.back() == '0' ? '1' : '0';
  expect_fails(Code::callback_unknown, callbacks.receive(token, body));
  expect_fails(Code::callback_unknown, callbacks.receive(key, body));
  expect_fails(Code::callback_unknown, callbacks.receive("", body));
  expect_fails(Code::callback_unknown, Callbacks("other", queue, partitions).receive(callbacks.token_of(key), body));
  expect_fails(Code::callback_unknown, callbacks.receive(callbacks.token_of("eff_00000000000000000000000002.1"), body));
  EXPECT_TRUE(received().empty());
}

TEST_F(CallbacksTest, WhatCannotBeReadIsRefusedInWords) {
  for (const char* body : {"", "[]", "{}", R"({"outcome":"perhaps"})", R"({"outcome":"accepted"})"})
    expect_fails(Code::callback_invalid, say(body));
  EXPECT_TRUE(received().empty());
}

TEST_F(CallbacksTest, TheSameAgainIsADuplicateAndAnythingElseAConflict) {
  const std::string done = R"({"outcome":"done","code":"a","response":{"b":1,"a":2}})";
  EXPECT_EQ(say(R"({"outcome":"interim"})")->repetition, Repetition::none);
  EXPECT_EQ(say(done)->repetition, Repetition::none);
  EXPECT_EQ(say(R"({"response":{"a":2,"b":1},"outcome":"done","code":"other words"})")->repetition, Repetition::duplicate);
  EXPECT_EQ(say(R"({"outcome":"done","response":{"b":2}})")->repetition, Repetition::conflict);
  EXPECT_EQ(say(R"({"outcome":"refused"})")->repetition, Repetition::conflict);
  EXPECT_EQ(say(R"({"outcome":"interim"})")->repetition, Repetition::none);
  EXPECT_EQ(received().size(), 6u) << "whatever it is, it is evidence";
  EXPECT_EQ(text_of(object_of(received()[2].value), "repeats"), "duplicate");
}

TEST_F(CallbacksTest, OfManyAtOnceForOneCallOneIsNoRepetition) {
  constexpr int callers = 8;
  queue.before_append = [](const auto&) {
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();  // a sync takes its time, and others come meanwhile
    return std::optional<Code>();
  };
  std::atomic<int> first = 0, duplicate = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i)
    threads.emplace_back([&] {
      const auto got = say(R"({"outcome":"done","code":"a"})");
      if (got) ++(got->repetition == Repetition::none ? first : duplicate);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first, 1);
  EXPECT_EQ(duplicate, callers - 1);
}

TEST_F(CallbacksTest, WithoutADurableRecordNothingIsReceived) {
  queue.before_append = [](const auto&) { return Code::disk_full; };
  expect_fails(Code::disk_full, say(R"({"outcome":"done"})"));
}

TEST(CallbackSecret, IsMadeOnceAndStaysInTheSafe) {
  safe::StrictFake safe;
  const auto first = callback_secret(safe);
  ASSERT_TRUE(first.has_value()) << first.error().text();
  EXPECT_EQ(first->size(), 64u);
  EXPECT_EQ(callback_secret(safe).value(), *first);
  safe::StrictFake another;
  EXPECT_NE(callback_secret(another).value(), *first);
}

}  // namespace
}  // namespace backstitch
