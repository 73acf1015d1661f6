#include "demo/scratch.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/files.h"

namespace backstitch::demo {
namespace {

TEST(Ports, TwoAtOnceDoNotMeet) {
  const auto first = Ports::take(), second = Ports::take();
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_GE(std::abs(first->system() - second->system()), 16);
}

TEST(Ports, ComeBackWhenTheirOwnerIsGone) {
  int system = 0;
  {
    const auto taken = Ports::take();
    ASSERT_TRUE(taken);
    system = taken->system();
  }
  const auto again = Ports::take();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->system(), system);
}

TEST(ScratchFolder, IsNewAndOpenToOtherUsers) {
  const auto first = make_scratch_folder(), second = make_scratch_folder();
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  struct stat about{};
  ASSERT_EQ(::stat(first->c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777u, 0755u) << "PostgreSQL runs as another user";
  EXPECT_TRUE(remove_tree(*first) && remove_tree(*second));
}

}  // namespace
}  // namespace backstitch::demo
