// Answers, and what two that want the same call are told.
#include <algorithm>

#include "services/intake/callbacks.h"
#include "services/worker/testing.h"

namespace backstitch {
namespace {

using namespace testing;

TEST_F(BrokerTest, AnswerIsARecordOfTheItemUnderTheSameClaim) {
  const auto broker = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  ASSERT_TRUE(answer(*broker, "w1", key));
  ASSERT_EQ(holders(key).size(), 2u);
  const queue::Record record = holders(key).back();
  EXPECT_EQ(record.schema, "completer.answer/1");
  EXPECT_EQ(record.key, "A-1");
  const auto value = object_of(record.value);
  EXPECT_EQ(text_of(value, "itemId"), task_number(1).item.text());
  EXPECT_EQ(text_of(value, "outcome"), "done");
  EXPECT_EQ(text_of(value, "code"), "keyed/200");
  EXPECT_EQ(text_of(value.at("response").as_object(), "circuit"), "C-1");
  EXPECT_EQ(broker->depth("default").claimed, 0u);
}

TEST_F(BrokerTest, AnsweredCallIsAdoptedAndItsAnswerPutAgain) {
  const auto broker = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  ASSERT_TRUE(answer(*broker, "w1", key));
  hand_out(1);  // the shard went back and comes to the call again
  EXPECT_EQ(take(*broker, "w2", key).verdict, MarkVerdict::adopted);
  ASSERT_EQ(answers().size(), 2u);
  EXPECT_EQ(answers()[1].value, answers()[0].value);
  EXPECT_EQ(answers()[1].headers, "{\"bs-adopted\":true}");
  EXPECT_EQ(holders(key).size(), 2u);  // the copy is no evidence of its own
  EXPECT_EQ(broker->depth("default").claimed + broker->depth("default").waiting, 0u);
}

TEST_F(BrokerTest, AcceptedCallWaitsForItsCallbackAndIsNotMadeAgain) {
  const auto broker = open_broker();
  const std::string key = hand_out(1, "later");
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  ASSERT_TRUE(answer(*broker, "w1", key, "accepted"));
  hand_out(1, "later");
  EXPECT_EQ(take(*broker, "w2", key).verdict, MarkVerdict::adopted);
  EXPECT_EQ(text_of(object_of(answers().back().value), "outcome"), "accepted");
}

TEST_F(BrokerTest, WhatTheSystemHasSaidByCallingBackStandsWhateverTheWorkerSaysBehindIt) {
  const auto broker = open_broker();
  Callbacks callbacks("secret", queue, partitions);
  for (const char* said : {"accepted", "unknown"}) {
    const int n = *said == 'a' ? 1 : 2;
    const std::string key = hand_out(n, "later");
    ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
    ASSERT_TRUE(callbacks.receive(callbacks.token_of(key), R"({"outcome":"done","response":{"b":1}})"));
    ASSERT_TRUE(answer(*broker, "w1", key, said));
    hand_out(n, "later");
    EXPECT_EQ(take(*broker, "w2", key).verdict, MarkVerdict::adopted) << said;
    const auto again = all_records(queue, "completer", callback_schema);
    ASSERT_EQ(again.size(), 2u * static_cast<std::size_t>(n)) << said;
    EXPECT_EQ(std::count_if(again.begin(), again.end(), [](const auto& one) { return one.headers == "{\"bs-adopted\":true}"; }),
              n);
  }
}

TEST_F(BrokerTest, AdoptionThatCannotBeWrittenIsTriedAgain) {
  const auto broker = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  ASSERT_TRUE(answer(*broker, "w1", key));
  hand_out(1);
  ASSERT_EQ(claim(*broker, "w2"), std::vector{key});
  queue.before_append = [](const std::vector<queue::Append>& batch) -> std::optional<Code> {
    return batch.front().headers.find("bs-adopted") == std::string::npos ? std::nullopt : std::optional(Code::disk_full);
  };
  EXPECT_EQ(mark(*broker, "w2", key).verdict, MarkVerdict::busy);
  queue.before_append = nullptr;
  EXPECT_EQ(take(*broker, "w2", key).verdict, MarkVerdict::adopted);
  EXPECT_EQ(answers().size(), 2u);
}

TEST_F(BrokerTest, NotTakenCallGoesAgainAsARecordOfItsOwn) {
  const auto broker = open_broker();
  const std::string key = hand_out(1, "blind");
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  ASSERT_TRUE(answer(*broker, "w1", key, "not-taken"));
  hand_out(1, "blind");
  EXPECT_EQ(take(*broker, "w2", key).verdict, MarkVerdict::go);
  ASSERT_EQ(holders(key).size(), 3u);
  const auto again = object_of(holders(key).back().value);
  EXPECT_EQ(text_of(again, "worker"), "w2");
  EXPECT_TRUE(again.at("resend").as_bool());
  EXPECT_TRUE(answer(*broker, "w2", key));
}

TEST_F(BrokerTest, ForeignAnswerIsRefusedAndTakesNothingAway) {
  const auto broker = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  for (const std::string& of : {key, key_of(9)}) {
    const Status refused = answer(*broker, "w2", of);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Code::task_not_held);
  }
  EXPECT_TRUE(answers().empty());
  EXPECT_EQ(broker->depth("default").claimed, 1u);  // still with the one who holds it
  EXPECT_TRUE(answer(*broker, "w1", key));
}

TEST_F(BrokerTest, ForeignAnswerAmongOwnOnesHoldsNoneBack) {
  const auto broker = open_broker();
  hand_out(1);
  ASSERT_EQ(take(*broker, "w1", key_of(1)).verdict, MarkVerdict::go);
  hand_out(2);
  ASSERT_EQ(take(*broker, "w2", key_of(2)).verdict, MarkVerdict::go);
  const Status partly = broker->answer("w1", {{key_of(2), "done", "", ""}, {key_of(1), "done", "", ""}});
  ASSERT_FALSE(partly.has_value());
  EXPECT_NE(partly.error().detail.find(key_of(2)), std::string::npos) << partly.error().detail;
  ASSERT_EQ(answers().size(), 1u);
  EXPECT_EQ(text_of(object_of(answers().front().value), "effectKey"), key_of(1));
  EXPECT_TRUE(answer(*broker, "w2", key_of(2)));
}

TEST_F(BrokerTest, AfterARestartOnlyTheMarksWorkerMayAnswer) {
  auto broker = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  broker = open_broker();  // knows nothing of the task
  EXPECT_FALSE(answer(*broker, "w2", key));
  ASSERT_TRUE(answer(*broker, "w1", key));
  ASSERT_EQ(answers().size(), 1u);
  EXPECT_EQ(answers().front().key, "A-1");
  EXPECT_EQ(text_of(object_of(answers().front().value), "itemId"), task_number(1).item.text());
  const auto place = queue.read("completer", task_number(1).partition, 1, 10);
  EXPECT_EQ(place->back().value, answers().front().value);
  const Status twice = answer(*broker, "w1", key);  // it is the last word on that mark
  ASSERT_FALSE(twice.has_value());
  EXPECT_EQ(twice.error().code, Code::task_not_held);
}

TEST_F(BrokerTest, AnswerThatIsNotWrittenIsStillTheWorkersToGive) {
  const auto broker = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  queue.fail_next_append(Code::queue_failed);
  const Status failed = answer(*broker, "w1", key);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, Code::queue_failed);
  EXPECT_TRUE(answer(*broker, "w1", key));
  EXPECT_EQ(answers().size(), 1u);
}

TEST_F(BrokerTest, RepetitionAsksTheAnswerIndexFirst) {
  auto broker = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  broker = open_broker();
  hand_out(1);
  alive.erase("w1");
  ASSERT_EQ(take(*broker, "w2", key).verdict, MarkVerdict::settle);
  ASSERT_TRUE(queue.append({{"completer", task_number(1).partition, "A-1", "completer.answer/1", "", "{\"outcome\":\"done\"}",
                             key, queue::ClaimMode::join}}));
  EXPECT_EQ(mark(*broker, "w2", key, true).verdict, MarkVerdict::adopted);  // w1's answer came in while w2 found out
}

// The route of a call may be another than it was when somebody sent it: what went elsewhere is neither repeated nor adopted here.
TEST_F(BrokerTest, CallThatWentToAnotherSystemIsAnotherRequest) {
  auto broker = open_broker();
  const std::string key = hand_out(1, "keyed");
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  broker = open_broker();
  alive.erase("w1");
  hand_out(1, "blind");
  const MarkReply interrupted = take(*broker, "w2", key);
  EXPECT_EQ(interrupted.verdict, MarkVerdict::settle);
  EXPECT_FALSE(interrupted.same_request);
  ASSERT_TRUE(queue.append({{"completer", task_number(1).partition, "A-1", "completer.answer/1", "", "{\"outcome\":\"done\"}",
                             key, queue::ClaimMode::join}}));
  const MarkReply answered = mark(*broker, "w2", key);
  EXPECT_EQ(answered.verdict, MarkVerdict::settle);
  EXPECT_FALSE(answered.same_request);
}

TEST_F(BrokerTest, TwoBrokersNeverLetTwoGoForOneCall) {
  const auto one = open_broker(), other = open_broker();
  constexpr int calls = 60;
  for (int n = 0; n < calls; ++n) hand_out(n);
  std::vector<std::string> keys;
  for (TaskBroker* broker : {one.get(), other.get()})
    ASSERT_TRUE(wait_until([&] { return broker->depth("default").waiting == calls; }));
  std::map<std::string, int> gone;
  std::mutex gone_mutex;
  auto race = [&](TaskBroker& broker, const std::string& worker) {
    for (const std::string& key : claim(broker, worker, calls)) {
      if (mark(broker, worker, key).verdict != MarkVerdict::go) continue;
      const std::lock_guard lock(gone_mutex);
      ++gone[key];
    }
  };
  std::thread first([&] { race(*one, "w1"); }), second([&] { race(*other, "w2"); });
  first.join(), second.join();
  EXPECT_EQ(gone.size(), static_cast<std::size_t>(calls));
  for (const auto& [key, times] : gone) EXPECT_EQ(times, 1) << key;
}

TEST_F(BrokerTest, TwoBrokersNeverLetTwoRepeatOneCall) {
  const auto one = open_broker(), other = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(claim(*other, "w2"), std::vector{key});
  ASSERT_EQ(take(*one, "w1", key).verdict, MarkVerdict::go);
  ASSERT_TRUE(answer(*one, "w1", key, "not-taken"));
  hand_out(1);
  ASSERT_EQ(claim(*one, "w1"), std::vector{key});
  // Both have read that it was not taken; w2 is the first to write that it sends again.
  bool first = true;
  MarkVerdict of_the_other = MarkVerdict::dropped;
  queue.before_append = [&](const std::vector<queue::Append>& batch) -> std::optional<Code> {
    if (batch.front().mode == queue::ClaimMode::join && std::exchange(first, false))
      of_the_other = mark(*other, "w2", key).verdict;
    return std::nullopt;
  };
  EXPECT_EQ(mark(*one, "w1", key).verdict, MarkVerdict::busy);
  queue.before_append = nullptr;
  EXPECT_EQ(of_the_other, MarkVerdict::go);
  EXPECT_EQ(take(*one, "w1", key).verdict, MarkVerdict::busy);  // its own late mark counts for nothing
  EXPECT_FALSE(answer(*one, "w9", key));
  EXPECT_TRUE(answer(*other, "w2", key));
}

}  // namespace
}  // namespace backstitch
