// The number of an embedded log, and whom it is bound to, over its life.
#include <gtest/gtest.h>

#include <filesystem>

#include "stores/queue/embedded/embedded_queue.h"
#include "stores/queue/scratch_folder.h"

namespace backstitch::queue {
namespace {

struct EmbeddedIdentity : testing::Test {
  const ScratchFolder folder;
  EmbeddedSettings settings{.folder = folder.path() + "/queue", .partitions = 4};
};

TEST_F(EmbeddedIdentity, ALogKeepsItsNumberAndItsOwner) {
  auto queue = open_embedded_queue(settings).value();
  ASSERT_EQ(queue->bind("safe-1"), "safe-1");
  const LogIdentity first = *queue->identity();
  queue.reset();
  queue = open_embedded_queue(settings).value();
  EXPECT_EQ(queue->identity()->log, first.log);
  EXPECT_EQ(queue->identity()->owner, "safe-1");
  settings.beside_owner = true;
  EXPECT_EQ(open_embedded_queue(settings).value()->identity()->log, first.log);
}

TEST_F(EmbeddedIdentity, AnotherLogThanTheOneThatMustBeThereIsRefused) {
  const std::string number = open_embedded_queue(settings).value()->identity()->log;
  settings.log = "0123";
  EXPECT_EQ(open_embedded_queue(settings).error().code, Code::store_unfit);
  settings.log = number;
  EXPECT_TRUE(open_embedded_queue(settings));
  settings.folder = folder.path() + "/none";
  EXPECT_EQ(open_embedded_queue(settings).error().code, Code::topic_replaced);
  EXPECT_FALSE(std::filesystem::exists(settings.folder)) << "nothing was made";
}

}  // namespace
}  // namespace backstitch::queue
