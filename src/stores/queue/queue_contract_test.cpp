// The contract on every queue we have, and on one that is wrong.
#include "contract/queue_contract.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "stores/queue/embedded/embedded_queue.h"
#include "stores/queue/scratch_folder.h"
#include "stores/queue/strict_fake.h"
#include "stores/queue/wrong_fake.h"

namespace backstitch::queue {
namespace {

/// A millisecond later at each look.
std::function<Time()> ticking_clock() {
  auto ticks = std::make_shared<std::atomic<std::int64_t>>(1'800'000'000'000'000);
  return [ticks] { return Time{*ticks += 1000}; };
}

class QueueContract : public testing::TestWithParam<contract::QueueCase> {};

TEST_P(QueueContract, HoldsOnEmbedded) {
  const ScratchFolder folder;
  EmbeddedSettings settings;
  settings.folder = folder.path() + "/queue";
  settings.partitions = 4;
  settings.clock = ticking_clock();
  auto queue = open_embedded_queue(settings);
  ASSERT_TRUE(queue) << queue.error().text();
  EXPECT_EQ(GetParam().run(**queue), "");
}

// Every read goes to the disk: the memory keeps one record.
TEST_P(QueueContract, HoldsOnEmbeddedFromDisk) {
  const ScratchFolder folder;
  EmbeddedSettings settings;
  settings.folder = folder.path() + "/queue";
  settings.partitions = 4;
  settings.clock = ticking_clock();
  settings.tail_bytes_max = 0;
  auto queue = open_embedded_queue(settings);
  ASSERT_TRUE(queue) << queue.error().text();
  EXPECT_EQ(GetParam().run(**queue), "");
}

TEST_P(QueueContract, HoldsOnTheStrictFake) {
  StrictFake queue({4, ticking_clock()});
  EXPECT_EQ(GetParam().run(queue), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, QueueContract, testing::ValuesIn(contract::cases()),
                         [](const auto& with) { return with.param.name; });

int failing_cases(const std::set<Wrong>& wrongs) {
  int failing = 0;
  for (const auto& contract_case : contract::cases()) {
    if (wrongs.contains(Wrong::never_wakes) && wrongs.size() > 1 && contract_case.name.starts_with("a_subscriber"))
      continue;  // it waits 3 s
    WrongFake queue(wrongs, {4, ticking_clock()});
    failing += contract_case.run(queue).empty() ? 0 : 1;
  }
  return failing;
}

TEST(WrongQueue, FailsAtLeastFiveCases) {
  const auto wrongs = all_wrongs();
  EXPECT_GE(failing_cases({wrongs.begin(), wrongs.end()}), 5);
}

TEST(WrongQueue, FailsForEachThingThatIsWrong) {
  ASSERT_EQ(failing_cases({}), 0);
  for (const Wrong wrong : all_wrongs()) {
    EXPECT_GE(failing_cases({wrong}), 1) << "no case sees wrong number " << static_cast<int>(wrong);
  }
}

}  // namespace
}  // namespace backstitch::queue
