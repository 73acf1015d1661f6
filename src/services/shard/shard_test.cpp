// A shard on a real PostgreSQL: orders go through, a second owner fences the first, and a killed server is no end.
#include "services/shard/shard.h"

#include <signal.h>

#include "base/hash.h"
#include "rules/fixture.h"
#include "services/intake/intake.h"
#include "services/testing.h"
#include "services/worker/worker.h"
#include "stores/database/testing/cluster_fixture.h"

namespace backstitch {
namespace {

using namespace testing;

/// Every call is carried out at once; who calls twice under one key is seen.
class CountingSystems : public systems::Systems {
 public:
  void call(const systems::CallRequest& request, std::function<void(systems::CallResult)> done) override {
    {
      const std::lock_guard lock(mutex_);
      ++executions_[request.subject];
    }
    done({CallOutcome::done, "noc/200", "{\"circuitId\":\"C-1\"}"});
  }
  systems::LookupResult look_up(const systems::Target&, const std::string&) override { return {}; }
  Result<std::vector<systems::SubjectEffect>> look_up_subject(const systems::Target&, const std::string& subject) override {
    return fail(Code::unreachable, "{}", subject);
  }
  Status settle(const systems::Target&, const std::string& key, systems::SettleVerb) override {
    return fail(Code::unknown_outcome, "{}", key);
  }
  std::map<std::string, int> executions() const {
    const std::lock_guard lock(mutex_);
    return executions_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int> executions_;
};

class ShardServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto fresh = database::shared_cluster().fresh(partitions);
    ASSERT_TRUE(fresh.has_value()) << fresh.error().text();
    database = std::move(*fresh);
    ensure_topics(queue);
    const std::string text = fixture::catalog_text("mini"), catalog = library.store(text).value()->digest;
    ASSERT_TRUE(database->store_catalog_version(catalog, 1, "mini", wall_clock(), text));
    intake.set_active_catalog(catalog);
    ASSERT_TRUE(intake.broadcast("catalog-activate", ",\"digest\":\"" + catalog + "\"", "test", "k").has_value());
    broker = std::make_unique<TaskBroker>(BrokerSettings{{"default"}, 1, partitions, {}}, queue, library,
                                          [](const std::string&) { return true; });
    link = link_to(*broker);
    worker = std::make_unique<Worker>(WorkerSettings{"w1", "default", 8, 2}, *link, systems, code);
    worker_thread = std::thread([this] { worker->run(); });
  }
  void TearDown() override {
    if (!worker) return;
    worker->stop(0);
    worker_thread.join();
  }

  std::unique_ptr<ShardService> open(
      std::vector<Partition> of, std::function<void(const Error&)> on_fenced = [](const Error&) {}) {
    ShardSettings settings;
    settings.name = "test", settings.partitions = std::move(of), settings.turn_inputs_max = 8;
    settings.safe = keeps_evidence ? &safe : nullptr;
    settings.on_decided = [this](Partition partition, std::uint64_t offset) {
      const std::lock_guard lock(mutex);
      decided[partition] = offset;
    };
    return std::make_unique<ShardService>(settings, queue, *database, library, std::move(on_fenced));
  }
  static std::string body_of(const std::string& id, int account, const std::string& more = "") {
    return fmt::format(R"({{"source":"org1","sourceOrderId":"{}","accountId":"A-{}",{}"items":[{{"lineId":"1","product":"FIBER",)"
                       R"("action":"Add","assetRef":"ref-{}","attributes":{{"speed":500}}}}]}})",
                       id, account, more, account);
  }
  Received submit(int n) { return submit(body_of("O" + std::to_string(n), n)); }
  Received submit(const std::string& body) {
    auto received = intake.submit(body, "test");
    EXPECT_TRUE(received.has_value()) << received.error().text();
    return *received;
  }
  std::size_t count(const char* state) {
    database::ListFilter filter;
    filter.state = state, filter.limit = 1000;
    const auto orders = database->orders(filter);
    return orders ? object_of(*orders).at("items").as_array().size() : 0;
  }
  /// As an intruder would; `fresh` takes it away again.
  static void plain_sql(const std::string& sql) {
    auto connection = database::Connection::open(database::shared_cluster().cluster().connection());
    ASSERT_TRUE(connection.has_value());
    const Status done = connection->execute("set search_path = backstitch; " + sql);
    ASSERT_TRUE(done.has_value()) << done.error().text();
  }
  /// The outcome of a record that came without an id of its own: state, code, detail.
  boost::json::object outcome(const Received& received) {
    const CommandId id{
        first_128(sha256_parts({"incoming", std::to_string(received.partition), std::to_string(received.offset)}))};
    const auto row = database->command(id);
    return row ? object_of(*row) : boost::json::object();
  }
  InputRecord record_of(const Received& received) {
    const auto records = queue.read("incoming", received.partition, received.offset, 1);
    const queue::Record& record = records->at(0);
    return {Log::incoming, received.partition, record.offset,  record.appended,
            record.key,    record.schema,      record.headers, record.value};
  }
  void expect_sound(int orders) {
    const auto violations = database->verify("");
    ASSERT_TRUE(violations.has_value()) << violations.error().text();
    for (const database::Violation& violation : *violations)
      EXPECT_EQ(violation.count, 0) << violation.invariant << " " << violation.title;
    const auto executions = systems.executions();
    EXPECT_EQ(executions.size(), static_cast<std::size_t>(orders));
    for (const auto& [subject, times] : executions) EXPECT_EQ(times, 1) << subject;
  }

  HookedQueue queue{queue::StrictSettings{partitions, wall_clock}};
  safe::StrictFake safe;
  CatalogLibrary library{safe};
  Intake intake{{partitions, 100'000}, queue, library, [](Partition) { return std::uint64_t{1}; }};
  std::unique_ptr<database::Database> database;
  CountingSystems systems;
  TaskCode code{{}};
  std::unique_ptr<TaskBroker> broker;
  std::unique_ptr<WorkerLink> link;
  std::unique_ptr<Worker> worker;
  std::thread worker_thread;
  std::mutex mutex;
  std::map<Partition, std::uint64_t> decided;
  bool keeps_evidence = true;
};

TEST_F(ShardServiceTest, OrderGoesThrough) {
  const auto shard = open({0, 1, 2, 3});
  const Received received = submit(1);
  ASSERT_TRUE(wait_until([&] { return count("Activated") == 1; }, 30'000)) << shard->last_error();
  const auto stored = database->order(received.order);  // under the id it was acknowledged with
  ASSERT_TRUE(stored.has_value()) << stored.error().text();
  EXPECT_NE(stored->find("\"O1\""), std::string::npos) << *stored;
  ASSERT_TRUE(wait_until([&] { return all_records(queue, "order_orderitems", "order_orderitems.asset/1").size() == 1; }));
  const auto updates = all_records(queue, "order_orderitems", "order_orderitems.order/1");
  EXPECT_EQ(text_of(object_of(updates.back().value), "state"), "Activated");
  EXPECT_TRUE(wait_until([&] { return shard->open_orders() == 0; }));
  expect_sound(1);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(decided[received.partition], received.offset + 1);
}

// A position that moved over it would lose what was acknowledged.
TEST_F(ShardServiceTest, WhatTheLogLeavesOutWithoutAWordIsNotPassedOver) {
  const Received first = submit(1);
  submit(body_of("O1-again", 1));
  queue.forgotten = first.offset;
  const auto shard = open({0, 1, 2, 3});
  const std::string words = fmt::format("hands out no offset {}", first.offset);
  ASSERT_TRUE(wait_until([&] { return shard->last_error().find(words) != std::string::npos; }, 30'000)) << shard->last_error();
  {
    const std::lock_guard lock(mutex);
    EXPECT_LE(decided[first.partition], first.offset);
  }
  queue.forgotten = 0;
  ASSERT_TRUE(wait_until([&] { return count("Activated") == 2; }, 30'000)) << shard->last_error();
}

TEST_F(ShardServiceTest, ShardThatStartsAgainGoesOnWhereTheRowsStand) {
  std::unique_ptr<ShardService> shard = open({0, 1, 2, 3});
  for (int n = 0; n < 5; ++n) submit(n);
  ASSERT_TRUE(wait_until([&] { return count("Activated") == 5; }, 30'000)) << shard->last_error();
  shard.reset();
  for (int n = 5; n < 10; ++n) submit(n);
  shard = open({0, 1, 2, 3});
  ASSERT_TRUE(wait_until([&] { return count("Activated") == 10; }, 30'000)) << shard->last_error();
  expect_sound(10);
}

TEST_F(ShardServiceTest, SecondOwnerFencesTheFirst) {
  std::atomic<int> fenced{0};
  std::atomic<Code> with{Code::usage};
  const auto first = open({0, 1, 2, 3}, [&](const Error& error) {
    with = error.code;
    ++fenced;
  });
  submit(1);
  ASSERT_TRUE(wait_until([&] { return count("Activated") == 1; }, 30'000)) << first->last_error();
  const auto second = open({0, 1, 2, 3});
  ASSERT_TRUE(wait_until([&] { return second->running(); }));
  for (int n = 2; n < 6; ++n) submit(n);
  ASSERT_TRUE(wait_until([&] { return fenced == 1; }, 30'000));
  EXPECT_EQ(with, Code::fenced);
  EXPECT_FALSE(first->running());
  ASSERT_TRUE(wait_until([&] { return count("Activated") == 5; }, 30'000)) << second->last_error();
  expect_sound(5);
}

TEST_F(ShardServiceTest, KilledServerComesBackAndNothingHappensTwice) {
  auto& cluster = database::shared_cluster().cluster();
  std::atomic<int> fenced{0};
  const auto shard = open({0, 1, 2, 3}, [&](const Error&) { ++fenced; });
  constexpr int orders = 40;
  for (int n = 0; n < orders / 2; ++n) submit(n);
  ASSERT_TRUE(wait_until([&] { return shard->turns() >= 5; }, 30'000)) << shard->last_error();
  ASSERT_EQ(::kill(cluster.postmaster(), SIGKILL), 0);
  for (int n = orders / 2; n < orders; ++n) submit(n);  // the door needs no server
  ASSERT_TRUE(wait_until([&] { return !cluster.is_alive(); }));
  ASSERT_TRUE(wait_until([&] { return !shard->last_error().empty(); }));
  const Status started = cluster.ensure_running();
  ASSERT_TRUE(started.has_value()) << started.error().text();
  ASSERT_TRUE(wait_until([&] { return count("Activated") == orders; }, 60'000))
      << count("Activated") << " " << shard->last_error();
  expect_sound(orders);
  EXPECT_EQ(fenced, 0);
}

// What the door lets pass and PostgreSQL does not hold; here by a constraint that nobody else knows of.
class UnwritableTest : public ShardServiceTest {
 protected:
  static void forbid(int account) {
    plain_sql(fmt::format("alter table orders add constraint not_this check (account_id <> 'A-{}')", account));
  }
  void expect_refused(const Received& received) {
    const auto row = outcome(received);
    ASSERT_FALSE(row.empty()) << "no command row";
    EXPECT_EQ(text_of(row, "state"), "refused");
    EXPECT_EQ(text_of(row, "code"), code_text(Code::database_failed));
    EXPECT_NE(text_of(row, "detail").find("PostgreSQL cannot hold"), std::string::npos) << text_of(row, "detail");
  }
};

TEST_F(UnwritableTest, IsRefusedInWritingAndEverythingElseGoesOn) {
  forbid(3);
  const auto shard = open({0, 1, 2, 3});
  std::vector<Received> received;
  for (int n = 0; n < 12; ++n) received.push_back(submit(n));
  ASSERT_TRUE(wait_until([&] { return count("Activated") == 11; }, 60'000)) << count("Activated") << shard->last_error();
  ASSERT_TRUE(wait_until([&] { return !outcome(received[3]).empty(); }, 30'000)) << shard->last_error();
  expect_refused(received[3]);
  EXPECT_NE(text_of(outcome(received[3]), "detail").find("not_this"), std::string::npos) << "in the words of PostgreSQL";
  EXPECT_FALSE(database->order(received[3].order).has_value());
  EXPECT_EQ(safe.list("unwritable/").value().size(), 1u) << "none but the culprit";
  EXPECT_TRUE(shard->running());
  expect_sound(11);
}

TEST_F(UnwritableTest, EvidenceOfBeforeACrashDecidesAlthoughTheRowsWouldHoldItNow) {
  const Received refused = submit(1), other = submit(2);
  ASSERT_TRUE(keep_refusal(safe, record_of(refused), {Code::database_failed, "it did not fit", {}}));
  const auto shard = open({0, 1, 2, 3});
  ASSERT_TRUE(wait_until([&] { return count("Activated") == 1; }, 30'000)) << shard->last_error();
  ASSERT_TRUE(wait_until([&] { return !outcome(refused).empty(); })) << shard->last_error();
  expect_refused(refused);
  EXPECT_TRUE(database->order(other.order).has_value());
  expect_sound(1);
}

TEST_F(UnwritableTest, WithoutEvidenceNothingIsRefused) {
  keeps_evidence = false;
  forbid(1);
  const auto shard = open({0, 1, 2, 3});
  const Received received = submit(1);
  ASSERT_TRUE(wait_until([&] { return shard->last_error().find("not_this") != std::string::npos; }, 30'000));
  EXPECT_TRUE(outcome(received).empty());
  plain_sql("alter table orders drop constraint not_this");
  ASSERT_TRUE(wait_until([&] { return count("Activated") == 1; }, 30'000)) << shard->last_error();
  EXPECT_TRUE(outcome(received).empty());
  expect_sound(1);
}

// Two orders, the 80 bits of whose ids are the same: the later one, of another partition, gets an id of its own.
TEST_F(ShardServiceTest, TwoOrdersThatShareTheBitsOfAnIdBothLive) {
  const auto [one, two] = fixture::source_ids_of_one_order_id("org1");
  const std::string at = R"("requestedAt":"2026-11-23T05:21:00Z",)";
  const auto shard = open({0, 1, 2, 3});
  const Received first = submit(body_of(one, 1, at));
  ASSERT_TRUE(wait_until([&] { return count("Activated") == 1; }, 30'000)) << shard->last_error();
  const Received second = submit(body_of(two, 2, at));
  EXPECT_EQ(first.order, second.order) << "the door does not know";
  ASSERT_TRUE(wait_until([&] { return count("Activated") == 2; }, 30'000)) << shard->last_error();
  const auto of_one = database->find_order("org1", one, 1), of_two = database->find_order("org1", two, 1);
  ASSERT_TRUE(of_one.has_value() && *of_one && of_two.has_value() && *of_two);
  EXPECT_EQ(**of_one, first.order);
  EXPECT_NE(**of_two, first.order);
  expect_sound(2);
}

}  // namespace
}  // namespace backstitch
