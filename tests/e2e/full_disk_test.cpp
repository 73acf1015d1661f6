// The disk under the log is full: refused in words, nothing lost, and it goes on by itself when there is room again.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/files.h"
#include "evidence.h"
#include "problem.h"
#include "world.h"

namespace backstitch::e2e {
namespace {

/// A disk of its own under a folder. Needs root, as the machines have that run these tests.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& folder) : folder_(folder) {
    EXPECT_TRUE(make_folders(folder_));
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=96m") == 0;
    EXPECT_TRUE(mounted_) << "cannot mount a tmpfs on " << folder_;
  }
  ~SmallDisk() { EXPECT_TRUE(!mounted_ || ::umount2(folder_.c_str(), MNT_DETACH) == 0); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  void fill() {
    auto file = AppendFile::open(ballast());
    ASSERT_TRUE(file) << file.error().text();
    const std::string megabyte(1 << 20, 'x');
    while (file->append(megabyte, false)) {}
  }
  void make_room() { EXPECT_EQ(::unlink(ballast().c_str()), 0); }
  bool mounted() const { return mounted_; }

 private:
  std::string ballast() const { return folder_ + "/ballast"; }
  const std::string folder_;
  bool mounted_ = false;
};

TEST(FullDisk, NothingIsLostAndItGoesOn) {
  World world;
  SmallDisk disk(world.data() + "/queue");
  ASSERT_TRUE(disk.mounted());
  ASSERT_TRUE(world.start());
  auto submit = [&](const std::string& id) { return world.call("POST", "/api/v1/orders", order_text(id, 3, "PARCEL")); };
  int taken = 0;
  for (int n = 1; n <= 10; ++n) taken += submit("F-" + std::to_string(n)).status == 202;
  ASSERT_EQ(taken, 10);
  disk.fill();
  const std::uint64_t records = world.records_in("incoming");
  for (int n = 11; n <= 13; ++n) {
    const Problem full = problem_of(submit("F-" + std::to_string(n)));
    EXPECT_EQ(full.status, 507) << full.body;
    EXPECT_EQ(full.code, "BS-1010");
    EXPECT_NE(full.hint, "");
  }
  EXPECT_EQ(world.records_in("incoming"), records);
  EXPECT_TRUE(world.platform_runs());
  disk.make_room();
  for (int n = 11; n <= 20; ++n) EXPECT_TRUE(testing::wait_until([&] { return submit("F-" + std::to_string(n)).ok(); })) << n;
  for (int n = 1; n <= 20; ++n) EXPECT_TRUE(world.await_state("F-" + std::to_string(n), "Activated")) << n;
  EXPECT_EQ(executed_twice(world, "lookup"), std::vector<std::string>{});
  EXPECT_EQ(violations(world), std::vector<std::string>{});
  world.stop_platform();  // before the disk goes
}

}  // namespace
}  // namespace backstitch::e2e
