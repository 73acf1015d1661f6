// What happens to brokers and to the wire between us, under load: nothing that was acknowledged is lost, nothing is there twice.
#include <filesystem>
#include <thread>

#include "kafka_house.h"
#include "kafka_load.h"

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
  KafkaLoad load(*queue);
  ASSERT_TRUE(load.await(50));
  house->server.kill_hard();
  const Status again = house->server.start_again();
  ASSERT_TRUE(again) << again.error().text();
  ASSERT_TRUE(load.await(50)) << "it goes on by itself";
  load.stop();
  load.check(*queue);
  load.check(*house->open());
}

TEST_F(KafkaFaultsTest, WithoutABrokerEverythingEndsInTime) {
  house->settings.timeout_ms = 1'000;
  auto queue = house->open_with_topics();
  put_one(*queue, plain(durable, 0, "one"));
  queue->show_positions("shard", durable, {{0, 1}});
  house->server.kill_hard();
  queue->show_positions("shard", durable, {{0, 2}});  // cannot be, and is no matter
  EXPECT_LT(ms_of([&] { EXPECT_EQ(code_of(queue->append({plain(durable, 0, "two")})), Code::queue_failed); }), 15'000);
  EXPECT_LT(ms_of([&] { EXPECT_EQ(code_of(queue->holders(durable, "c")), Code::unreachable); }), 5'000);
  EXPECT_LT(ms_of([&] { EXPECT_EQ(code_of(queue->expire(Time{1})), Code::unreachable); }), 5'000);
  EXPECT_EQ(values(contract::all(*queue, durable, 0)), "one,") << "what is in memory is read";
  EXPECT_LT(ms_of([&] { EXPECT_EQ(code_of(open_kafka_queue(house->settings)), Code::unreachable); }), 5'000);
  auto other = std::move(queue);
  EXPECT_LT(ms_of([&] { other.reset(); }), 6'000);
  ASSERT_TRUE(house->server.start_again());
  queue = house->open();
  const Offset three = put_one(*queue, plain(durable, 0, "three")).offset;
  queue->show_positions("shard", durable, {{0, three}, {1, 1}, {2, 1}, {3, 1}});
  queue.reset();
  EXPECT_EQ(house->kcat({"-G", house->topic("shard"), "-e", "-f", "%s\n", house->topic("incoming")}), "three");
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
  KafkaLoad load(*queue);
  ASSERT_TRUE(load.await(30));
  nodes[0]->kill_hard();  // leads some partitions for certain: there are ten, over three brokers
  ASSERT_TRUE(load.await(50));
  load.stop();
  load.check(*queue);
  load.check(*contract::value_of(open_kafka_queue(settings), "open"));
}

}  // namespace
}  // namespace backstitch::queue
