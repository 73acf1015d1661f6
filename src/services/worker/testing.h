// For tests only: a queue with tasks in it, a broker that hands them out, and a catalog of one system of each kind.
#pragma once
#include <set>

#include "services/testing.h"
#include "services/worker/broker.h"

namespace backstitch::testing {

inline constexpr const char* systems_catalog = R"({"format":"backstitch.catalog/1","source":"test","index":1,
  "products":[{"key":"P","kind":"commercial"}],
  "systems":[
    {"key":"keyed","url":"standin:keyed","effects":{"idempotent":true,"keyLifetime":"24h"},
     "interfaces":[{"key":"do","method":"POST","path":"/v1/do","mode":"sync"}]},
    {"key":"lookup","url":"http://127.0.0.1:9/lookup","effects":{"lookup":true,"settlingTimeMs":60},
     "interfaces":[{"key":"do","method":"PUT","path":"/v1/do","mode":"sync"}]},
    {"key":"later","url":"http://127.0.0.1:9/later","effects":{"lookup":true},
     "interfaces":[{"key":"do","method":"POST","path":"/v1/do","mode":"async"}]},
    {"key":"blind","url":"http://127.0.0.1:9/blind","interfaces":[{"key":"do","method":"POST","path":"/v1/do","mode":"sync"}]}]})";

class BrokerTest : public ::testing::Test {
 protected:
  BrokerTest() : queue(queue::StrictSettings{partitions, [this] { return clock(); }}), library(safe) {}
  void SetUp() override {
    ensure_topics(queue);
    const auto stored = library.store(systems_catalog);
    ASSERT_TRUE(stored.has_value()) << stored.error().text();
    catalog = (*stored)->digest;
  }

  std::unique_ptr<TaskBroker> open_broker(Seals seals = {}) {
    BrokerSettings settings{{"default", "slow"},
                            7,
                            partitions,
                            {{"standin:keyed", "http://127.0.0.1:9/keyed"}},
                            std::move(seals),
                            [this](const std::string& key) {
                              const std::lock_guard lock(mutex);
                              return callbacks_at.empty() ? "" : callbacks_at + key;
                            }};
    return std::make_unique<TaskBroker>(settings, queue, library, [this](const std::string& worker) {
      const std::lock_guard lock(mutex);
      return alive.contains(worker);
    });
  }

  static Task task_number(int n) {
    Task task;
    task.item = {{1, static_cast<std::uint64_t>(n)}};
    task.key = {{{2, static_cast<std::uint64_t>(n)}}, 1};
    task.account_id = "A-" + std::to_string(n), task.partition = partition_of(task.account_id, partitions);
    task.lane = "default", task.subject = task.account_id + "/O:1/do", task.body = "{\"n\":" + std::to_string(n) + "}",
    task.timeout_ms = 5'000;
    return task;
  }
  static std::string key_of(int n) { return task_number(n).key.text(); }

  /// As the publisher of a shard does; returns the key of the call. `system` empty: the auto task "echo".
  std::string hand_out(int n, const std::string& system = "keyed", const std::string& lane = "default") {
    Task task = task_number(n);
    task.lane = lane, task.catalog_digest = catalog;
    (system.empty() ? task.implementation = "echo" : task.system = system);
    if (!system.empty()) task.interface = "do";
    return hand_out(task);
  }
  std::string hand_out(const Task& task) {
    queue::Append append;
    append.topic = "tasks." + task.lane, append.partition = task.partition, append.key = task.account_id,
    append.schema = "tasks.execute/1";
    append.value = task_json(task, 7);
    EXPECT_TRUE(queue.append({append}).has_value());
    return task.key.text();
  }

  /// Keys of what the worker got; waits for the first.
  static std::vector<std::string> claim(TaskBroker& broker, const std::string& worker, std::size_t max = 1,
                                        std::int64_t wait_ms = 5'000) {
    std::vector<std::string> keys;
    const auto documents = broker.claim("default", worker, max, wait_ms);
    EXPECT_TRUE(documents.has_value());
    for (const std::string& document : *documents) keys.push_back(text_of(object_of(document), "effectKey"));
    return keys;
  }
  static MarkReply mark(TaskBroker& broker, const std::string& worker, const std::string& key, bool resend = false) {
    const auto replies = broker.mark(worker, {key}, resend);
    EXPECT_TRUE(replies.has_value() && replies->size() == 1 && replies->front().key == key);
    return replies->front();
  }
  /// Claims it, waiting for it, and marks it.
  static MarkReply take(TaskBroker& broker, const std::string& worker, const std::string& key) {
    EXPECT_EQ(claim(broker, worker), std::vector{key});
    return mark(broker, worker, key);
  }
  static Status answer(TaskBroker& broker, const std::string& worker, const std::string& key,
                       const std::string& outcome = "done") {
    return broker.answer(worker, {{key, outcome, "keyed/200", "{\"circuit\":\"C-1\"}"}});
  }

  std::vector<queue::Record> holders(const std::string& key) { return queue.holders("completer", key).value(); }
  std::vector<queue::Record> answers() { return all_records(queue, "completer", "completer.answer/1"); }
  Time clock() {
    const std::lock_guard lock(mutex);
    return clock_behind_ms ? wall_clock().plus_ms(-clock_behind_ms) : wall_clock();
  }

  std::mutex mutex;
  std::set<std::string> alive{"w1", "w2"};
  std::string callbacks_at = "http://127.0.0.1:9/callbacks/";
  std::int64_t clock_behind_ms = 0;  // the log's clock
  HookedQueue queue;
  safe::StrictFake safe;
  CatalogLibrary library;
  std::string catalog;
};

}  // namespace backstitch::testing
