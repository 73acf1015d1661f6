// Contract of append(): offsets, order, atomicity, times, wake-ups.
#pragma once
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "contract/queue/help.h"

namespace backstitch::queue::contract {

inline void offsets_start_at_one_and_are_dense(Queue& queue) {
  for (const char* topic : {durable, fleeting}) {
    for (Offset expected = 1; expected <= 5; ++expected) {
      same(put_one(queue, plain(topic, 0, "x")).offset, expected, "offset");
    }
    same(ends(queue, topic, 0).end, Offset{6}, "end");
  }
}

inline void partitions_and_topics_count_alone(Queue& queue) {
  fill(queue, durable, 0, 3);
  same(put_one(queue, plain(durable, 1, "x")).offset, Offset{1}, "first offset of another partition");
  same(put_one(queue, plain(fleeting, 0, "x")).offset, Offset{1}, "first offset of another topic");
}

inline void a_batch_keeps_its_order(Queue& queue) {
  std::vector<Append> batch;
  for (int i = 0; i < 20; ++i) batch.push_back(plain(durable, i % 2, std::to_string(i)));
  const auto answers = put(queue, std::move(batch));
  for (std::size_t i = 0; i < answers.size(); ++i) same(answers[i].offset, Offset{i / 2 + 1}, "offset within a batch");
  same(values(all(queue, durable, 1)), std::string("1,3,5,7,9,11,13,15,17,19,"), "order of a batch");
}

inline void a_batch_may_go_to_several_topics(Queue& queue) {
  put(queue, {plain(durable, 0, "a"), plain(fleeting, 3, "b")});
  same(values(all(queue, durable, 0)), std::string("a,"), "first topic");
  same(values(all(queue, fleeting, 3)), std::string("b,"), "second topic");
}

inline void a_bad_record_refuses_the_whole_batch(Queue& queue) {
  refused(queue.append({plain(durable, 0, "a"), plain("no-such-topic", 0, "b")}), Code::topic_unknown, "an unknown topic");
  refused(queue.append({plain(durable, 0, "a"), plain(durable, -1, "b")}), Code::partition_unknown, "partition -1");
  refused(queue.append({plain(durable, 0, "a"), plain(durable, 1'000'000, "b")}), Code::partition_unknown, "partition 1000000");
  same(ends(queue, durable, 0).end, Offset{1}, "end after refused batches");
}

inline void eight_mebibytes_and_no_more(Queue& queue) {
  const std::string largest(8 << 20, 'x');
  refused(queue.append({plain(durable, 0, largest + "x")}), Code::record_too_large, "a value of 8 MiB and a byte");
  put_one(queue, plain(durable, 0, largest));
  const auto records = all(queue, durable, 0);
  same(records.size(), std::size_t{1}, "records");
  require(records[0].value == largest, "a value of 8 MiB came back changed");
}

inline void a_claim_and_its_mode_go_together(Queue& queue) {
  refused(queue.append({claiming(durable, "", ClaimMode::first_only, "a")}), Code::append_invalid, "an empty claim");
  refused(queue.append({claiming(durable, "order-1", ClaimMode::none, "a")}), Code::append_invalid, "a claim without a mode");
  same(ends(queue, durable, 0).end, Offset{1}, "end after refused appends");
}

inline void append_time_never_decreases(Queue& queue) {
  Time last;
  for (int i = 0; i < 10; ++i) {
    const auto answer = put_one(queue, plain(durable, 0, "x"));
    require(answer.at.is_set() && answer.at >= last, "append time decreased");
    last = answer.at;
  }
  last = {};
  for (const Record& record : all(queue, durable, 0)) {
    require(record.appended >= last, "append time of a record decreased");
    last = record.appended;
  }
}

inline void the_answer_tells_the_time_of_the_record(Queue& queue) {
  const auto answer = put_one(queue, plain(durable, 0, "x"));
  same(all(queue, durable, 0).at(0).appended.us, answer.at.us, "append time");
  same(ends(queue, durable, 0).first_at.us, answer.at.us, "first_at");
}

inline void appends_of_many_threads_keep_their_batches(Queue& queue) {
  constexpr int threads = 4, batches = 25, records = 4;
  std::vector<std::thread> running;
  std::mutex mutex;
  std::string trouble;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      for (int batch = 0; batch < batches; ++batch) {
        const auto name = fmt::format("{}:{}", thread, batch);
        if (queue.append(std::vector<Append>(records, plain(durable, 0, name)))) continue;
        const std::lock_guard lock(mutex);
        trouble = "append failed";
      }
    });
  }
  for (auto& thread : running) thread.join();
  same(trouble, std::string(), "trouble");
  const auto found = all(queue, durable, 0);
  same(found.size(), std::size_t{threads * batches * records}, "records");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < found.size(); ++i) {
    same(found[i].offset, Offset{i + 1}, "offset");
    same(found[i].value, found[i - i % records].value, "a batch was torn");
    if (i % records == 0) require(seen.insert(found[i].value).second, "a batch came twice");
  }
}

inline void a_subscriber_wakes_until_its_token_ends(Queue& queue) {
  std::mutex mutex;
  std::condition_variable woken;
  int calls = 0;
  auto token = queue.subscribe(durable, [&] {
    const std::lock_guard lock(mutex);
    ++calls;
    woken.notify_all();
  });
  put_one(queue, plain(fleeting, 0, "of another topic"));
  put_one(queue, plain(durable, 0, "x"));
  {
    std::unique_lock lock(mutex);
    require(woken.wait_for(lock, std::chrono::seconds(3), [&] { return calls > 0; }), "no wake-up in 3 s");
  }
  token.reset();
  const int before = calls;
  put_one(queue, plain(durable, 0, "y"));
  put_one(queue, plain(durable, 0, "z"));
  same(calls, before, "calls after the token ended");
}

}  // namespace backstitch::queue::contract
