#include "services/worker/broker.h"

#include <future>

#include "services/worker/testing.h"

namespace backstitch {
namespace {

using namespace testing;

TEST_F(BrokerTest, TaskComesWithTheAddressAndTheDeclaredEffectsOfItsSystem) {
  const auto broker = open_broker();
  hand_out(1);
  const auto documents = broker->claim("default", "w1", 5, 5'000);
  ASSERT_TRUE(documents.has_value());
  ASSERT_EQ(documents->size(), 1u);
  const auto task = object_of(documents->front());
  EXPECT_EQ(text_of(task, "effectKey"), key_of(1));
  EXPECT_EQ(task.at("body").at("n").to_number<int>(), 1);
  const auto& target = task.at("target").as_object();
  EXPECT_EQ(text_of(target, "base"), "http://127.0.0.1:9/keyed");  // the address of this installation
  EXPECT_EQ(text_of(target, "method"), "POST");
  EXPECT_EQ(text_of(target, "path"), "/v1/do");
  EXPECT_TRUE(target.at("idempotent").as_bool());
  EXPECT_FALSE(target.at("lookup").as_bool());
  EXPECT_EQ(target.at("keyLifetimeMs").to_number<int>(), 86'400'000);
}

TEST_F(BrokerTest, LanesAreKeptApart) {
  const auto broker = open_broker();
  hand_out(1, "keyed", "slow");
  hand_out(2);
  EXPECT_EQ(claim(*broker, "w1", 10), std::vector{key_of(2)});
  EXPECT_TRUE(claim(*broker, "w2", 10, 0).empty());
  EXPECT_TRUE(wait_until([&] { return broker->depth("slow").waiting == 1; }));
  const auto unknown = broker->claim("fast", "w1", 1, 0);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, Code::lane_unknown);
}

TEST_F(BrokerTest, WhoWaitsForATaskIsToldAtOnceThatNothingIsHandedOutAnyMore) {
  const auto broker = open_broker();
  hand_out(1);
  const auto held = claim(*broker, "w1", 1);
  auto waiting = std::async(std::launch::async, [&] { return broker->claim("default", "w2", 1, 60'000); });
  ASSERT_EQ(waiting.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);  // it waits by then
  broker->hand_out_no_more();
  ASSERT_EQ(waiting.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_EQ(waiting.get().error().code, Code::not_running);
  hand_out(2);
  EXPECT_EQ(broker->claim("default", "w2", 1, 0).error().code, Code::not_running);
  EXPECT_EQ(mark(*broker, "w1", held.front()).verdict, MarkVerdict::go);  // what is in a worker's hand is finished
  EXPECT_TRUE(answer(*broker, "w1", held.front()));
}

TEST_F(BrokerTest, NoMoreThanAskedForIsHandedToOneWorker) {
  const auto broker = open_broker();
  for (int n = 0; n < 5; ++n) hand_out(n);
  ASSERT_TRUE(wait_until([&] { return broker->depth("default").waiting == 5; }));
  EXPECT_EQ(claim(*broker, "w1", 2).size(), 2u);
  EXPECT_EQ(claim(*broker, "w2", 9).size(), 3u);
  EXPECT_EQ(broker->depth("default").claimed, 5u);
  EXPECT_TRUE(claim(*broker, "w3", 9, 0).empty());
}

TEST_F(BrokerTest, ClaimWhoseAnswerWasLostIsAnsweredAgain) {
  const auto broker = open_broker();
  hand_out(1);
  hand_out(2);
  ASSERT_TRUE(wait_until([&] { return broker->depth("default").waiting == 2; }));
  const auto first = claim(*broker, "w1", 1);
  ASSERT_EQ(mark(*broker, "w1", first.front()).verdict, MarkVerdict::go);
  const auto lost = claim(*broker, "w1", 1);
  EXPECT_EQ(claim(*broker, "w1", 9, 0), lost);  // not the one it has asked the mark of: that is in its hand
  ASSERT_EQ(mark(*broker, "w1", lost.front()).verdict, MarkVerdict::go);
  EXPECT_TRUE(claim(*broker, "w1", 9, 0).empty());
}

TEST_F(BrokerTest, HandedOutTwiceIsHeldOnce) {
  const auto broker = open_broker();
  hand_out(1);
  hand_out(1);
  Task next = task_number(2);
  next.partition = task_number(1).partition;  // behind both in the same partition: when it is there, both have been read
  next.catalog_digest = catalog, next.system = "keyed", next.interface = "do";
  hand_out(next);
  ASSERT_TRUE(wait_until([&] { return broker->depth("default").waiting == 2; }));
  EXPECT_EQ(claim(*broker, "w1", 9), (std::vector{key_of(1), key_of(2)}));
}

TEST_F(BrokerTest, MarkIsInTheLogWhenTheWorkerMayGo) {
  const auto broker = open_broker();
  const std::string key = hand_out(1);
  EXPECT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  ASSERT_EQ(holders(key).size(), 1u);
  const queue::Record record = holders(key).front();
  EXPECT_EQ(record.schema, "completer.mark/1");
  EXPECT_EQ(record.key, "A-1");
  const auto mark = object_of(record.value);
  EXPECT_EQ(text_of(mark, "worker"), "w1");
  EXPECT_EQ(text_of(mark, "itemId"), task_number(1).item.text());
  EXPECT_EQ(text_of(mark, "subject"), "A-1/O:1/do");
  EXPECT_EQ(mark.at("epoch").to_number<int>(), 7);
}

TEST_F(BrokerTest, MarkThatIsNotWrittenLetsNobodyGo) {
  const auto broker = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(claim(*broker, "w1").size(), 1u);
  queue.fail_next_append(Code::disk_full);
  const auto replies = broker->mark("w1", {key}, false);
  ASSERT_FALSE(replies.has_value());
  EXPECT_EQ(replies.error().code, Code::disk_full);
  EXPECT_EQ(mark(*broker, "w1", key).verdict, MarkVerdict::go);
}

TEST_F(BrokerTest, MarkWhoseReplyWasLostIsFoundAgain) {
  const auto broker = open_broker();
  const std::string key = hand_out(1);
  EXPECT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  EXPECT_EQ(mark(*broker, "w1", key).verdict, MarkVerdict::go);
  EXPECT_EQ(holders(key).size(), 1u);
}

TEST_F(BrokerTest, WhatAWorkerDoesNotHoldIsDropped) {
  const auto broker = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(claim(*broker, "w1").size(), 1u);
  EXPECT_EQ(mark(*broker, "w2", key).verdict, MarkVerdict::dropped);
  EXPECT_EQ(mark(*broker, "w2", key, true).verdict, MarkVerdict::dropped);
  EXPECT_EQ(mark(*broker, "w2", key_of(9)).verdict, MarkVerdict::dropped);
  EXPECT_TRUE(holders(key).empty());
}

TEST_F(BrokerTest, FirstMarkWinsWhileItsWorkerLives) {
  auto broker = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  broker = open_broker();  // the platform starts again, its shard hands the task out again
  hand_out(1);
  EXPECT_EQ(take(*broker, "w2", key).verdict, MarkVerdict::busy);
  EXPECT_EQ(broker->depth("default").waiting, 1u);  // for later: its worker may die yet
  EXPECT_EQ(take(*broker, "w2", key).verdict, MarkVerdict::busy);
  EXPECT_EQ(holders(key).size(), 1u);
}

TEST_F(BrokerTest, MarkOfADeadWorkerIsSettledFirst) {
  auto broker = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  broker = open_broker();
  hand_out(1);
  alive.erase("w1");
  const MarkReply reply = take(*broker, "w2", key);
  EXPECT_EQ(reply.verdict, MarkVerdict::settle);
  EXPECT_EQ(reply.marked_at, holders(key).front().appended);
  EXPECT_EQ(mark(*broker, "w2", key, true).verdict, MarkVerdict::go);
  ASSERT_EQ(holders(key).size(), 2u);  // a permitted repetition is a record of its own
  EXPECT_TRUE(object_of(holders(key).back().value).at("resend").as_bool());
}

// Its system counts the lifetime of a key from the first call on, however often that is repeated; what was not accepted does not
// count.
TEST_F(BrokerTest, ARepetitionMakesNoKeyYounger) {
  const std::string key = key_of(1);
  auto next = [&, number = 0](std::int64_t behind_ms) mutable {
    clock_behind_ms = behind_ms;
    const auto broker = open_broker();
    hand_out(1);
    const std::string worker = "w" + std::to_string(++number);
    alive = {worker};
    const MarkReply reply = take(*broker, worker, key);
    EXPECT_TRUE(reply.verdict == MarkVerdict::go || mark(*broker, worker, key, true).verdict == MarkVerdict::go);
    if (behind_ms == 90'000) {
      EXPECT_TRUE(answer(*broker, worker, key, "not-taken"));
    }
    return reply;
  };
  EXPECT_EQ(next(90'000).verdict, MarkVerdict::go);
  EXPECT_EQ(next(60'000).verdict, MarkVerdict::go) << "nothing was accepted yet";
  EXPECT_EQ(next(30'000).verdict, MarkVerdict::settle);
  const MarkReply reply = next(0);
  EXPECT_EQ(reply.verdict, MarkVerdict::settle);
  EXPECT_EQ(reply.marked_at, holders(key).at(2).appended) << "the mark that was first sent and not taken back";
}

TEST_F(BrokerTest, AnAnswerIsAdoptedForTheSameRequest) {
  auto broker = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  ASSERT_TRUE(answer(*broker, "w1", key));
  broker = open_broker();
  hand_out(1);
  EXPECT_EQ(take(*broker, "w2", key).verdict, MarkVerdict::adopted);
  EXPECT_EQ(answers().size(), 2u) << "the answer is put before the shard again";
}

// The settling table, row 4: done, but what was done was another request than the one that is wanted now.
TEST_F(BrokerTest, AnAnswerToAnotherRequestIsNotAdopted) {
  auto broker = open_broker();
  const std::string key = hand_out(1);
  ASSERT_EQ(take(*broker, "w1", key).verdict, MarkVerdict::go);
  ASSERT_TRUE(answer(*broker, "w1", key));
  broker = open_broker();
  Task changed = task_number(1);
  changed.catalog_digest = catalog, changed.system = "keyed", changed.interface = "do";
  changed.body = "{\"n\":\"changed\"}", changed.digest = 1;
  hand_out(changed);
  const MarkReply reply = take(*broker, "w2", key);
  EXPECT_EQ(reply.verdict, MarkVerdict::settle);
  EXPECT_FALSE(reply.same_request);
  EXPECT_EQ(reply.marked_at, holders(key).front().appended);
  EXPECT_EQ(answers().size(), 1u) << "the foreign answer is not put before the shard";
}

// A broker of the epoch before, which does not know that it is over, writes behind the seal.
TEST_F(BrokerTest, AGhostsMarkBehindTheSealCountsForNothing) {
  const std::string key = hand_out(1);
  const Partition partition = task_number(1).partition;
  auto mark_of_ghost = [&](std::uint64_t epoch) {
    queue::Append ghost;
    ghost.topic = "completer", ghost.partition = partition, ghost.key = "A-1", ghost.schema = "completer.mark/1",
    ghost.claim = key, ghost.mode = queue::ClaimMode::join;
    ghost.value = fmt::format(R"({{"effectKey":"{}","itemId":"x","epoch":{},"seen":0,"worker":"w1","digest":"d"}})", key, epoch);
    return queue.append({std::move(ghost)}).value().front().offset;
  };
  const queue::Offset offset = mark_of_ghost(6);
  auto verdict = [&](const std::vector<Seal>& seals) {
    const auto broker = open_broker({{partition, seals}});
    hand_out(1);
    return take(*broker, "w2", key).verdict;
  };
  EXPECT_EQ(verdict({{offset + 1, 7}}), MarkVerdict::busy) << "before the seal it counts, and its worker lives";
  EXPECT_EQ(verdict({{offset - 1, 6}}), MarkVerdict::busy) << "it is of the epoch that the seal began";
  EXPECT_EQ(verdict({{offset - 1, 7}, {offset + 1, 9}}), MarkVerdict::go) << "a later seal gives it no right";
  EXPECT_EQ(object_of(holders(key).back().value).at("epoch").to_number<int>(), 7) << "under a mark of its own";
}

TEST_F(BrokerTest, ClaimsWaitForTasksThatComeLater) {
  const auto broker = open_broker();
  std::vector<std::string> got;
  std::thread claimer([&] { got = claim(*broker, "w1", 5, 20'000); });
  hand_out(3);
  claimer.join();
  EXPECT_EQ(got, std::vector{key_of(3)});
}

TEST_F(BrokerTest, GoneWorkersTasksGoToAnother) {
  const auto broker = open_broker();
  hand_out(1);
  hand_out(2);
  ASSERT_TRUE(wait_until([&] { return broker->depth("default").waiting == 2; }));
  ASSERT_EQ(claim(*broker, "w1", 9).size(), 2u);
  broker->worker_gone("w1");
  EXPECT_EQ(broker->depth("default").waiting, 2u);
  EXPECT_TRUE(claim(*broker, "w1", 9, 0).empty());  // a claim of it that was still on its way
  EXPECT_EQ(claim(*broker, "w2", 9).size(), 2u);
}

TEST_F(BrokerTest, TasksOfBeforeItsStartAreNotHandedOut) {
  hand_out(1);
  const auto broker = open_broker();
  hand_out(2);
  EXPECT_EQ(claim(*broker, "w1", 9), std::vector{key_of(2)});
}

}  // namespace
}  // namespace backstitch
