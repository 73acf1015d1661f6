#include "base/files.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <future>
#include <memory>
#include <thread>

#include "base/testing.h"

namespace backstitch {
namespace {

using testing::ScratchFolder;
using testing::wait_until;

TEST(Files, WriteReplacesWholeAndLeavesNothingBeside) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_file_durably(folder / "a", "old"));
  ASSERT_TRUE(write_file_durably(folder / "a", std::string("new\0x", 5), 0600));
  EXPECT_EQ(read_file(folder / "a"), std::string("new\0x", 5));
  EXPECT_EQ(list_folder(folder.path()), std::vector<std::string>{"a"});
  struct stat st{};
  ASSERT_EQ(::stat((folder / "a").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
}

// The writer is killed at a moment it does not know, 20 times: a reader finds one whole content each time.
TEST(Files, KillAnywhereLeavesOldOrNew) {
  const ScratchFolder folder;
  const std::string path = folder / "state";
  for (int round = 0; round < 20; ++round) {
    const std::string seen = read_file(path).value_or("");
    const pid_t pid = ::fork();
    if (pid == 0)
      for (int i = 0;; ++i) static_cast<void>(write_file_durably(path, std::string(300'000, static_cast<char>('a' + i % 26))));
    ASSERT_TRUE(wait_until([&] { return read_file(path).value_or("") != seen; }));
    ::kill(pid, SIGKILL);
    ASSERT_EQ(::waitpid(pid, nullptr, 0), pid);
    const std::string content = *read_file(path);
    ASSERT_EQ(content.size(), 300'000u);
    ASSERT_EQ(content.find_first_not_of(content[0]), std::string::npos);
    ASSERT_EQ(list_folder(folder.path()), std::vector<std::string>{"state"}) << "unfinished files are not listed";
  }
}

TEST(Files, FailuresAreValuesThatNameThePath) {
  const ScratchFolder folder;
  EXPECT_EQ(read_file(folder / "none").error().code, Code::file_failed);
  EXPECT_NE(read_file(folder / "none").error().detail.find(folder / "none"), std::string::npos);
  EXPECT_FALSE(write_file_durably(folder / "no/such/a", "x"));
  ASSERT_TRUE(write_file_durably(folder / "file", "x"));
  EXPECT_FALSE(make_folders(folder / "file/below"));
  EXPECT_FALSE(make_folders(folder / "file"));
}

TEST(Files, FoldersAreMadeListedAndRemoved) {
  const ScratchFolder folder;
  ASSERT_TRUE(make_folders(folder / "a/b/c"));
  ASSERT_TRUE(make_folders(folder / "a/b/c"));
  ASSERT_TRUE(write_file_durably(folder / "a/z", ""));
  EXPECT_EQ(list_folder(folder / "a"), (std::vector<std::string>{"b", "z"}));
  EXPECT_GT(free_bytes(folder.path()), 0);
  ASSERT_TRUE(remove_tree(folder / "a"));
  EXPECT_FALSE(file_exists(folder / "a"));
  EXPECT_TRUE(list_folder(folder / "a").empty());
  EXPECT_TRUE(remove_tree(folder / "a")) << "gone is gone";
}

TEST(AppendFileTest, GoesOnWhereItStopped) {
  const ScratchFolder folder;
  {
    auto file = AppendFile::open(folder / "log");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->append("one\n", true));
    AppendFile moved = std::move(*file);
    ASSERT_TRUE(moved.append("two\n", false));
    EXPECT_EQ(moved.size(), 8);
  }
  auto again = AppendFile::open(folder / "log");
  EXPECT_EQ(again->size(), 8);
  ASSERT_TRUE(again->append("three\n", true));
  EXPECT_EQ(read_file(folder / "log"), "one\ntwo\nthree\n");
}

// A limit on the size of files stands for the full disk: the write ends in the middle.
TEST(AppendFileTest, AFailedAppendLeavesNoPart) {
  const ScratchFolder folder;
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto file = AppendFile::open(folder / "log");
    const bool first = file && file->append(std::string(600, 'a'), true).has_value();
    const bool second = file->append(std::string(600, 'b'), true).has_value();
    const bool third = file->append(std::string(100, 'c'), true).has_value();
    ::_exit(first && !second && third ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_file(folder / "log"), std::string(600, 'a') + std::string(100, 'c'));
}

TEST(FolderLockTest, OneHolderAndTheOtherIsToldWhoItIs) {
  const ScratchFolder folder;
  {
    const auto lock = FolderLock::take(folder.path());
    ASSERT_TRUE(lock);
    const auto second = FolderLock::take(folder / "LOCK");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::already_running);
    EXPECT_NE(second.error().detail.find(std::to_string(::getpid())), std::string::npos) << second.error().detail;
  }
  EXPECT_TRUE(FolderLock::take(folder.path())) << "free again after the holder let go";
}

TEST(FolderLockTest, AHolderThatIsDyingIsWaitedFor) {
  const ScratchFolder folder;
  const pid_t gone = ::fork();
  if (gone == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(gone, nullptr, 0), gone);
  auto lock = std::make_unique<Result<FolderLock>>(FolderLock::take(folder.path()));
  ASSERT_TRUE(*lock);
  std::ofstream(folder / "LOCK") << gone << "\n";  // as the lock of that process
  std::promise<void> nobody;
  std::thread last_thread([&] {
    nobody.get_future().wait_for(std::chrono::milliseconds(50));
    lock.reset();
  });
  EXPECT_TRUE(FolderLock::take(folder.path()));
  last_thread.join();
}

TEST(FolderLockTest, KillOfTheHolderFreesIt) {
  const ScratchFolder folder;
  const pid_t pid = ::fork();
  if (pid == 0) {
    const auto lock = FolderLock::take(folder.path());
    for (;;) ::pause();
  }
  ASSERT_TRUE(wait_until([&] { return read_file(folder / "LOCK").value_or("") == std::to_string(pid) + "\n"; }));
  EXPECT_FALSE(FolderLock::take(folder.path()));
  ::kill(pid, SIGKILL);
  ASSERT_EQ(::waitpid(pid, nullptr, 0), pid);
  EXPECT_TRUE(FolderLock::take(folder.path()));
}

}  // namespace
}  // namespace backstitch
