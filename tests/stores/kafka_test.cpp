// The queue on a real Kafka: its contract, and what another client of the broker sees.
#include "contract/queue_contract.h"
#include "kafka_house.h"

namespace backstitch::queue {
namespace {

class KafkaTest : public ::testing::TestWithParam<contract::QueueCase> {
 protected:
  static void SetUpTestSuite() { house = std::make_unique<servers::KafkaHouse>(); }
  static void TearDownTestSuite() { house.reset(); }
  void SetUp() override {
    house->begin_anew();
    queue = house->open();
  }
  static inline std::unique_ptr<servers::KafkaHouse> house;
  std::unique_ptr<Queue> queue;
};

TEST_P(KafkaTest, KeepsTheContract) { EXPECT_EQ(GetParam().run(*queue), ""); }

INSTANTIATE_TEST_SUITE_P(Cases, KafkaTest, ::testing::ValuesIn(contract::cases()),
                         [](const auto& with) { return with.param.name; });

}  // namespace
}  // namespace backstitch::queue
