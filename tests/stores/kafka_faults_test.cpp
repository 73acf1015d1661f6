// What happens to brokers and to the wire between us, under load: nothing that was acknowledged is lost, nothing is there twice.
#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>

#include "kafka_house.h"

namespace backstitch::queue {
namespace {

using contract::claiming;
using contract::durable;
using contract::ends;
using contract::fill;
using contract::plain;
using contract::put;
using contract::put_one;
using contract::values;

Code code_of(const auto& result) { return result ? Code{} : result.error().code; }

std::int64_t ms_of(const auto& call) {
  const auto began = monotonic_ms();
  call();
  return monotonic_ms() - began;
}

/// Threads that append batches of two, with a claim, until they are stopped; and what became of them.
class Load {
 public:
  explicit Load(Queue& queue) : queue_(queue) {
    for (int thread = 0; thread < 3; ++thread) threads_.emplace_back([this, thread] { run(thread); });
  }
  ~Load() { stop(); }
  void stop() {
    over_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int acknowledged() const { return count_; }
  /// Every acknowledged value is there once, in both partitions; every other one in both or in none.
  void check(Queue& queue) {
    std::multiset<std::string> found[2];
    // What is acknowledged is readable once everything before it is decided: a batch whose end nobody knows is void after
    // seconds.
    testing::wait_until(
        [&] {
          for (int partition = 0; partition < 2; ++partition) {
            found[partition].clear();
            for (const Record& record : contract::all(queue, durable, partition)) found[partition].insert(record.value);
          }
          return found[0] == found[1] && std::all_of(acknowledged_.begin(), acknowledged_.end(),
                                                     [&](const auto& value) { return found[0].contains(value); });
        },
        20'000);
    EXPECT_EQ(found[0], found[1]) << "a batch was torn";
    for (const std::string& value : found[0]) EXPECT_EQ(found[0].count(value), 1u) << value;
    for (const std::string& value : acknowledged_) EXPECT_TRUE(found[0].contains(value)) << value << " is lost";
    for (const std::string& value : unknown_)
      EXPECT_EQ(contract::value_of(queue.holders(durable, value), "holders").size(), found[0].count(value)) << value;
  }

 private:
  void run(int thread) {
    for (int i = 0; !over_; ++i) {
      const std::string value = fmt::format("{}:{}", thread, i);
      const auto answer = queue_.append({claiming(durable, value, ClaimMode::first_only, value), plain(durable, 1, value)});
      const std::lock_guard lock(mutex_);
      (answer ? acknowledged_ : unknown_).push_back(value);
      if (answer) ++count_;
    }
  }
  Queue& queue_;
  std::atomic<bool> over_{false};
  std::atomic<int> count_{0};
  std::mutex mutex_;
  std::vector<std::string> acknowledged_, unknown_;
  std::vector<std::thread> threads_;
};

class KafkaFaultsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house = std::make_unique<servers::KafkaHouse>(); }
  static void TearDownTestSuite() { house.reset(); }
  void SetUp() override {
    house->begin_anew();
    house->settings.timeout_ms = 10'000;
  }
  static inline std::unique_ptr<servers::KafkaHouse> house;
};

TEST_F(KafkaFaultsTest, ABrokerThatIsKilledUnderLoadLosesNothing) {
  auto queue = house->open_with_topics();
  Load load(*queue);
  for (int round = 0; round < 2; ++round) {
    const int before = load.acknowledged();
    ASSERT_TRUE(testing::wait_until([&] { return load.acknowledged() > before + 50; }, 30'000));
    house->server.kill_hard();
    const Status again = house->server.start_again();
    ASSERT_TRUE(again) << again.error().text();
  }
  const int before = load.acknowledged();
  ASSERT_TRUE(testing::wait_until([&] { return load.acknowledged() > before + 50; }, 30'000)) << "it goes on by itself";
  load.stop();
  load.check(*queue);
  load.check(*house->open());
}

TEST_F(KafkaFaultsTest, WithoutABrokerEverythingEndsInTime) {
  house->settings.timeout_ms = 1'500;
  auto queue = house->open_with_topics();
  put_one(*queue, plain(durable, 0, "one"));
  house->server.kill_hard();
  EXPECT_LT(ms_of([&] { EXPECT_EQ(code_of(queue->append({plain(durable, 0, "two")})), Code::queue_failed); }), 15'000);
  EXPECT_LT(ms_of([&] { EXPECT_EQ(code_of(queue->holders(durable, "c")), Code::unreachable); }), 5'000);
  EXPECT_LT(ms_of([&] { EXPECT_EQ(code_of(queue->expire(Time{1})), Code::unreachable); }), 5'000);
  EXPECT_EQ(values(contract::all(*queue, durable, 0)), "one,") << "what is in memory is read";
  EXPECT_LT(ms_of([&] { EXPECT_EQ(code_of(open_kafka_queue(house->settings)), Code::unreachable); }), 5'000);
  auto other = std::move(queue);
  EXPECT_LT(ms_of([&] { other.reset(); }), 6'000);
  ASSERT_TRUE(house->server.start_again());
  queue = house->open();
  put_one(*queue, plain(durable, 0, "three"));
}

// The broker came back with less than it had acknowledged: what one copy without flush may do when the power fails.
TEST_F(KafkaFaultsTest, ALostTailIsNotReadAsIfItWereThereAndItsClaimsAreFree) {
  auto queue = house->open_with_topics();
  put_one(*queue, claiming(durable, "kept", ClaimMode::first_only, "1"));
  const std::string file = house->folder / "kafka/data/" + house->topic("incoming") + "-0/00000000000000000000.log";
  const auto bytes = std::filesystem::file_size(file);
  put_one(*queue, claiming(durable, "lost", ClaimMode::first_only, "2"));
  ASSERT_GT(std::filesystem::file_size(file), bytes);
  house->server.kill_hard();
  std::filesystem::resize_file(file, bytes);
  ASSERT_TRUE(house->server.start_again());
  EXPECT_TRUE(testing::wait_until([&] { return ends(*queue, durable, 0).end == 2; })) << ends(*queue, durable, 0).end;
  auto next = house->open();
  for (Queue* each : {queue.get(), next.get()}) {
    EXPECT_EQ(code_of(each->read(durable, 0, 3, 1)), Code::offset_behind_end) << "a position behind the end is never reset";
    EXPECT_EQ(values(contract::all(*each, durable, 0)), "1,");
  }
  contract::done(next->open_behind(durable, 0, 3), "open_behind");
  EXPECT_EQ(put_one(*next, claiming(durable, "lost", ClaimMode::first_only, "3")).offset, 3u);
  ASSERT_TRUE(testing::wait_until([&] { return ends(*queue, durable, 0).end == 4; }));
  next = house->open();
  for (Queue* each : {queue.get(), next.get()}) {
    EXPECT_EQ(values(contract::all(*each, durable, 0)), "1,3,");
    EXPECT_EQ(values(contract::value_of(each->holders(durable, "lost"), "holders")), "3,");
    EXPECT_EQ(values(contract::value_of(each->holders(durable, "kept"), "holders")), "1,");
  }
}

TEST(KafkaFaults, OfThreeBrokersOneMayDie) {
  const testing::ScratchFolder folder;
  const int port = servers::free_ports(9);
  std::vector<std::optional<servers::Server>> nodes(3);
  std::vector<std::thread> starting;
  std::atomic<int> up{0};
  // The first one installs what is missing; no node serves before a second one does.
  for (std::size_t i = 0; i < nodes.size(); ++i)
    starting.emplace_back([&, i] {
      auto node = servers::Server::start("kafka", folder / std::to_string(i), port, {fmt::format("node={}/3", i + 1)});
      if (!node) ADD_FAILURE() << node.error().text();
      if (node) nodes[i].emplace(std::move(*node)), ++up;
    });
  for (std::thread& thread : starting) thread.join();
  ASSERT_EQ(up, 3);
  KafkaSettings settings;
  settings.brokers = fmt::format("127.0.0.1:{},127.0.0.1:{},127.0.0.1:{}", port, port + 3, port + 6);
  settings.partitions = 4, settings.replicas = 3;
  auto queue = contract::value_of(open_kafka_queue(settings), "open");
  contract::make_topics(*queue);
  EXPECT_TRUE(kafka_warnings(settings)->empty()) << kafka_warnings(settings)->front();
  Load load(*queue);
  ASSERT_TRUE(testing::wait_until([&] { return load.acknowledged() > 30; }, 30'000));
  nodes[0]->kill_hard();  // leads some partitions for certain: there are ten, over three brokers
  const int before = load.acknowledged();
  ASSERT_TRUE(testing::wait_until([&] { return load.acknowledged() > before + 50; }, 40'000));
  load.stop();
  load.check(*queue);
  load.check(*contract::value_of(open_kafka_queue(settings), "open"));
}

TEST(KafkaSecure, TheBrokerMustShowWhoItIsAndWeMust) {
  servers::KafkaHouse house({"sasl"});
  house.settings.security = "sasl_ssl", house.settings.user = "client", house.settings.password = "client-secret";
  house.settings.ca_file = house.folder / "kafka/tls/ca.crt";
  auto queue = house.open_with_topics();
  put_one(*queue, plain(durable, 0, "x"));
  const auto error = [&](auto change) {
    KafkaSettings settings = house.settings;
    settings.timeout_ms = 1'000;
    change(settings);
    const auto opened = open_kafka_queue(settings);
    return opened ? "opened" : opened.error().text();
  };
  const std::string wrong = error([](KafkaSettings& s) { s.password = "hunter2"; });
  EXPECT_TRUE(wrong.starts_with("BS-1002")) << wrong;
  EXPECT_EQ(wrong.find("hunter2"), std::string::npos);
  EXPECT_TRUE(error([](KafkaSettings& s) { s.ca_file.clear(); }).starts_with("BS-1002")) << "its authority is unknown";
  EXPECT_TRUE(error([](KafkaSettings& s) { s.ca_file += ".none"; }).starts_with("BS-1002"));
  EXPECT_TRUE(error([](KafkaSettings& s) { s.security = "plaintext"; }).starts_with("BS-1104"));
  EXPECT_TRUE(error([](KafkaSettings& s) { s.user.clear(); }).starts_with("BS-1002"));
}

}  // namespace
}  // namespace backstitch::queue
