// Contract of claims: something happens once, and everybody can see what did.
#pragma once
#include <atomic>
#include <thread>

#include "contract/queue/help.h"

namespace backstitch::queue::contract {

inline void the_first_claim_wins(Queue& queue) {
  const auto first = put_one(queue, claiming(durable, "order-1", ClaimMode::first_only, "a"));
  require(first.accepted() && first.holders.empty(), "the first claim was refused");
  const auto second = put_one(queue, claiming(durable, "order-1", ClaimMode::first_only, "b"));
  require(!second.accepted(), "a taken claim was given again");
  same(values(second.holders), std::string("a,"), "holders");
  same(second.holders.at(0).offset, first.offset, "offset of the holder");
  same(ends(queue, durable, 0).end, Offset{2}, "end");
}

inline void a_batch_sees_its_own_claims(Queue& queue) {
  const auto answers = put(queue, {claiming(durable, "order-1", ClaimMode::first_only, "a"), plain(durable, 0, "b"),
                                   claiming(durable, "order-1", ClaimMode::first_only, "c"), plain(durable, 0, "d")});
  require(answers[0].accepted() && answers[1].accepted() && !answers[2].accepted() && answers[3].accepted(),
          "answers of the batch");
  same(values(answers[2].holders), std::string("a,"), "holders within the batch");
  same(values(all(queue, durable, 0)), std::string("a,b,d,"), "records");
}

inline void joining_is_always_accepted_and_lists_those_before(Queue& queue) {
  put_one(queue, claiming(durable, "effect-1", ClaimMode::first_only, "mark"));
  const auto second = put_one(queue, claiming(durable, "effect-1", ClaimMode::join, "again"));
  require(second.accepted(), "join was refused");
  same(values(second.holders), std::string("mark,"), "holders of the second");
  const auto third = put_one(queue, claiming(durable, "effect-1", ClaimMode::join, "third", 1));
  same(values(third.holders), std::string("mark,again,"), "holders of the third");
  same(values(value_of(queue.holders(durable, "effect-1"), "holders")), std::string("mark,again,third,"), "holders");
}

inline void a_joined_claim_is_taken(Queue& queue) {
  put_one(queue, claiming(durable, "effect-1", ClaimMode::join, "a"));
  require(!put_one(queue, claiming(durable, "effect-1", ClaimMode::first_only, "b")).accepted(),
          "a joined claim was given again");
}

inline void claims_are_of_one_topic(Queue& queue) {
  put_one(queue, claiming(durable, "x", ClaimMode::first_only, "a"));
  require(put_one(queue, claiming(fleeting, "x", ClaimMode::first_only, "b")).accepted(), "a claim of another topic counted");
  require(put_one(queue, claiming(durable, "xx", ClaimMode::first_only, "c")).accepted(), "a longer claim counted");
  same(values(value_of(queue.holders(durable, "x"), "holders")), std::string("a,"), "holders");
}

inline void a_free_claim_has_no_holders(Queue& queue) {
  require(value_of(queue.holders(durable, "nobody"), "holders").empty(), "holders of a free claim");
}

inline void a_refused_batch_takes_no_claim(Queue& queue) {
  refused(queue.append({claiming(durable, "order-1", ClaimMode::first_only, "a"), plain("no-such-topic", 0, "b")}),
          Code::topic_unknown, "an unknown topic");
  require(put_one(queue, claiming(durable, "order-1", ClaimMode::first_only, "c")).accepted(), "a refused batch took a claim");
}

inline void holders_outlive_their_records(Queue& queue) {
  const auto first = put_one(queue, claiming(durable, "order-1", ClaimMode::first_only, "a"));
  done(queue.trim(durable, 0, 2), "trim");
  const auto holders = value_of(queue.holders(durable, "order-1"), "holders");
  same(holders.size(), std::size_t{1}, "holders after retention");
  const Record& record = holders.front();
  require(record.offset == first.offset && record.appended == first.at && record.key == "account-1" && record.value == "a" &&
              record.schema == "incoming.submit/1" && record.headers == R"({"bs-id":"1"})",
          "the holder came back changed");
  require(!put_one(queue, claiming(durable, "order-1", ClaimMode::first_only, "b")).accepted(), "retention freed a claim");
}

inline void of_many_threads_one_gets_the_claim(Queue& queue) {
  for (int round = 0; round < 5; ++round) {
    const auto claim = "order-" + std::to_string(round);
    std::atomic<int> accepted{0}, failed{0};
    std::vector<std::thread> running;
    for (int thread = 0; thread < 4; ++thread) {
      running.emplace_back([&, thread] {
        const auto answer = queue.append({claiming(durable, claim, ClaimMode::first_only, "x", thread)});
        if (!answer) ++failed;
        if (answer && answer->front().accepted()) ++accepted;
      });
    }
    for (auto& thread : running) thread.join();
    same(failed.load(), 0, "failed appends");
    same(accepted.load(), 1, "threads that got the claim");
    same(value_of(queue.holders(durable, claim), "holders").size(), std::size_t{1}, "holders");
  }
}

}  // namespace backstitch::queue::contract
