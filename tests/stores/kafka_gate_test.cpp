// A gate between us and the broker closes, delays, swallows and cuts: each time it goes on by itself, and of what was
// acknowledged nothing is lost and nothing is there twice.
#include "kafka_house.h"
#include "kafka_load.h"

namespace backstitch::queue {
namespace {

class KafkaGateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    house.begin_anew();
    gated = house.behind_gate();
    gated.timeout_ms = 4'000;  // a request is not waited for any longer than half of it
    queue = house.open_with_topics(gated);
    load = std::make_unique<KafkaLoad>(*queue);
    ASSERT_TRUE(load->await(20));
  }
  void TearDown() override {
    gate.only("");
    gate.pass();
  }
  /// The wire is whole again: what was on its way came to an end, in the memory of this process and for one that comes now.
  void expect_that_all_is_well() {
    gate.only("");
    gate.pass();
    EXPECT_TRUE(load->await(20)) << "it goes on by itself";
    load->stop();
    load->check(*queue);
    load->check(*house.open());
  }
  void only_writes() { gate.only("bs-batch"); }  // what every record of a batch has, and no question

  servers::KafkaHouse& house = servers::SharedKafka::house();
  testing::TcpGate& gate = house.gate;
  const int taken = gate.replies_taken();  // before this test
  KafkaSettings gated;
  std::unique_ptr<Queue> queue;
  std::unique_ptr<KafkaLoad> load;
};

TEST_F(KafkaGateTest, ConnectionsAreClosedAndNoneIsTaken) {
  for (int i = 0; i < 3; ++i) {
    gate.close_connections();
    EXPECT_TRUE(load->await(5));
  }
  gate.refuse();
  EXPECT_EQ(queue->holders(contract::durable, "nobody").error().code, Code::unreachable);
  expect_that_all_is_well();
}

TEST_F(KafkaGateTest, BytesComeLate) {
  gate.delay(60);
  EXPECT_TRUE(load->await(9));
  expect_that_all_is_well();
}

// The record is there, and the answer never comes: the connection stays open, and only the end of its time tells.
TEST_F(KafkaGateTest, AnswersToWritesAreSwallowed) {
  only_writes();
  for (int i = 1; i <= 2; ++i) {
    gate.lose_replies(1);
    ASSERT_TRUE(testing::wait_until([&] { return gate.replies_taken() >= taken + i; }, 10'000));
    EXPECT_TRUE(load->await(5));
  }
  expect_that_all_is_well();
}

TEST_F(KafkaGateTest, ConnectionsAreClosedInsteadOfAnswers) {
  only_writes();
  gate.close_at_replies(5);
  ASSERT_TRUE(testing::wait_until([&] { return gate.replies_taken() >= taken + 5; }, 20'000));
  expect_that_all_is_well();
}

TEST_F(KafkaGateTest, AnswersAreCut) {
  gate.cut_replies(9, 8);  // of any question, behind the length and half of the head
  ASSERT_TRUE(testing::wait_until([&] { return gate.replies_taken() >= taken + 8; }, 20'000));
  expect_that_all_is_well();
}

}  // namespace
}  // namespace backstitch::queue
