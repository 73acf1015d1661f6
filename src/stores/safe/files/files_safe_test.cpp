// What only a safe made of files can show: power cuts, damage, processes side by side, a full disk's error.
#include "stores/safe/files/files_safe.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "base/testing.h"
#include "contract/safe/help.h"

namespace backstitch::safe {
namespace {

using contract::records;
using contract::turns;

class FilesSafeTest : public ::testing::Test {
 protected:
  std::unique_ptr<Safe> open(std::int64_t segment_bytes_max = 16 << 20) {
    auto safe = open_files_safe(FilesSettings{path(""), segment_bytes_max});
    EXPECT_TRUE(safe) << safe.error().text();
    return safe ? std::move(*safe) : nullptr;
  }
  std::string path(const std::string& name) const { return scratch_.path() + "/safe" + (name.empty() ? "" : "/" + name); }
  std::string content(const std::string& name) const { return read_file(path(name)).value(); }
  void replace(const std::string& name, const std::string& text) const {
    std::ofstream file(path(name), std::ios::binary | std::ios::trunc);  // without a sync: a test writes hundreds
    ASSERT_TRUE(file << text << std::flush);
  }
  static Status read(Safe& safe, queue::Offset from = 1) {
    return safe.read_archive("incoming", 7, from, [](const queue::Record&) { return true; });
  }
  const std::string first_segment = "incoming/p07/000000000001.seg";

 private:
  const backstitch::testing::ScratchFolder scratch_;
};

TEST_F(FilesSafeTest, EverythingOutlivesTheProcess) {
  {
    auto safe = open();
    ASSERT_TRUE(safe->change_epoch({1, true, ""}, {2, false, "rec-1"}));
    ASSERT_TRUE(safe->archive("incoming", 7, records(1, 5)));
    ASSERT_TRUE(safe->mirror_turns(7, turns(1, 3)));
    ASSERT_TRUE(safe->put("catalogs/1", "x"));
  }
  auto safe = open();
  EXPECT_EQ(safe->epoch().value(), (Epoch{2, false, "rec-1"}));
  contract::holds(*safe, "incoming", 7, 5);
  ASSERT_TRUE(safe->archive("incoming", 7, records(4, 8)));
  contract::holds(*safe, "incoming", 7, 8);
  EXPECT_EQ(safe->mirrored_turn(7).value(), 3u);
  EXPECT_EQ(safe->get("catalogs/1").value(), "x");
}

// What was passed over once is not passed over again: also then each place is found, in whichever segment it lies.
TEST_F(FilesSafeTest, EveryPlaceIsFoundAgainBehindAWholeReading) {
  auto writer = open(200'000), reader = open(200'000);
  constexpr queue::Offset count = 3'000;
  for (queue::Offset first = 1; first <= count; first += 100) {
    auto some = records(first, first + 99);
    for (queue::Record& record : some) record.headers = "{\"x\":\"" + std::string(100, 'x') + "\"}";
    ASSERT_TRUE(writer->archive("incoming", 7, some));
    EXPECT_EQ(reader->archived_end("incoming", 7).value(), first + 100);
  }
  ASSERT_GT(list_folder(path("incoming/p07")).size(), 2u);
  ASSERT_TRUE(read(*reader));
  for (queue::Offset from = 1; from <= count; from += 37) {
    queue::Offset next = from;
    EXPECT_TRUE(reader->read_archive("incoming", 7, from, [&](const queue::Record& record) {
      EXPECT_EQ(record.offset, next);
      return ++next < from + 50;
    }));
  }
}

TEST_F(FilesSafeTest, APersonCanReadIt) {
  auto safe = open();
  ASSERT_TRUE(safe->archive("incoming", 7, records(1, 1)));
  ASSERT_TRUE(safe->mirror_turns(7, turns(1, 1)));
  EXPECT_EQ(content(first_segment).substr(16),
            "\t1\t2027-01-15T08:00:00.001001Z\tA-1\tincoming.submit/1\t{\"bs-id\":\"7\"}\t{\"n\":1}\n");
  EXPECT_EQ(content("turns/p07/000000000001.seg").substr(16), "\t1\t{\"turn\":1}\n");
  EXPECT_EQ(content("epoch"), "{\"n\":1,\"open\":true,\"saga\":\"\"}\n");
}

TEST_F(FilesSafeTest, ATornLastLineIsCutAndWrittenAgain) {
  ASSERT_TRUE(open()->archive("incoming", 7, records(1, 3)));
  const std::string whole = content(first_segment);
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  std::string flipped = whole;
  flipped[whole.size() - 3] ^= 1;
  const std::string zeros = whole.substr(0, last) + std::string(100, '\0');
  for (const std::string& torn : {whole.substr(0, last + 1), whole.substr(0, whole.size() - 1), flipped, zeros}) {
    replace(first_segment, torn);
    auto safe = open();
    EXPECT_EQ(safe->archived_end("incoming", 7).value(), 3u);
    EXPECT_EQ(content(first_segment), torn) << "a reader must not cut what another process may be writing";
    ASSERT_TRUE(safe->archive("incoming", 7, records(3, 3)));
    EXPECT_EQ(content(first_segment), whole);
    contract::holds(*safe, "incoming", 7, 3);
  }
}

TEST_F(FilesSafeTest, AnEmptyLastFileIsGoneOnWith) {
  ASSERT_TRUE(open(1)->archive("incoming", 7, records(1, 3)));
  replace("incoming/p07/000000000004.seg", "");  // the power went between the file and its first line
  auto safe = open(1);
  EXPECT_EQ(safe->archived_end("incoming", 7).value(), 4u);
  ASSERT_TRUE(safe->archive("incoming", 7, records(4, 5)));
  contract::holds(*safe, "incoming", 7, 5);
}

TEST_F(FilesSafeTest, DamageBeforeTheLastLineIsNamed) {
  ASSERT_TRUE(open()->archive("incoming", 7, records(1, 3)));
  std::string damaged = content(first_segment);
  damaged[damaged.find("{\"n\":2}") + 5] = '9';
  replace(first_segment, damaged);
  auto safe = open();
  const auto end = safe->archived_end("incoming", 7);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Code::checksum_mismatch);
  EXPECT_NE(end.error().detail.find(first_segment + ":2"), std::string::npos) << end.error().detail;
  EXPECT_EQ(safe->archive("incoming", 7, records(4, 4)).error().code, Code::checksum_mismatch);
  EXPECT_EQ(read(*safe).error().code, Code::checksum_mismatch);
  EXPECT_EQ(content(first_segment), damaged) << "evidence stays as it was found";
}

TEST_F(FilesSafeTest, EveryFlippedByteIsSeen) {
  ASSERT_TRUE(open(1)->archive("incoming", 7, records(1, 1)));
  ASSERT_TRUE(open(1)->archive("incoming", 7, records(2, 2)));
  const std::string whole = content(first_segment);
  const auto safe = open(1);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] ^= 1;
    replace(first_segment, damaged);
    EXPECT_EQ(read(*safe).error().code, Code::checksum_mismatch) << "byte " << at;
  }
}

TEST_F(FilesSafeTest, LinesInAnotherOrderOrTwiceAreSeen) {
  ASSERT_TRUE(open()->archive("incoming", 7, records(1, 3)));
  const std::string whole = content(first_segment);
  const std::size_t second = whole.find('\n') + 1, third = whole.find('\n', second) + 1;
  const std::string one = whole.substr(0, second), two = whole.substr(second, third - second), three = whole.substr(third);
  for (const std::string& damaged : {two + one + three, one + one + two + three, one + three, one + two + two}) {
    replace(first_segment, damaged);
    EXPECT_EQ(open()->archived_end("incoming", 7).error().code, Code::checksum_mismatch);
  }
}

TEST_F(FilesSafeTest, AMissingOrForeignFileIsSeen) {
  auto safe = open(1);
  for (queue::Offset offset = 1; offset <= 3; ++offset) ASSERT_TRUE(safe->archive("incoming", 7, records(offset, offset)));
  ASSERT_TRUE(safe->archive("completer", 7, records(1, 1)));
  const std::string second = content("incoming/p07/000000000002.seg");
  std::filesystem::remove(path("incoming/p07/000000000002.seg"));
  EXPECT_EQ(read(*safe).error().code, Code::checksum_mismatch);
  EXPECT_TRUE(read(*safe, 3)) << "what is whole can be read";
  replace("incoming/p07/000000000002.seg", second);
  EXPECT_TRUE(read(*safe));
  replace(first_segment, content("completer/p07/000000000001.seg"));
  EXPECT_EQ(read(*safe).error().code, Code::checksum_mismatch) << "another log's lines";
}

TEST_F(FilesSafeTest, WhatWasThinnedOutHasExpired) {
  auto safe = open(1);
  for (queue::Offset offset = 1; offset <= 3; ++offset) ASSERT_TRUE(safe->archive("incoming", 7, records(offset, offset)));
  std::filesystem::remove(path(first_segment));
  EXPECT_EQ(read(*safe).error().code, Code::offset_expired);
  EXPECT_TRUE(read(*safe, 2));
}

TEST_F(FilesSafeTest, FilesRollWhenTheyAreFull) {
  auto safe = open(1000);
  for (queue::Offset first = 1; first <= 100; first += 4) ASSERT_TRUE(safe->archive("incoming", 7, records(first, first + 3)));
  const auto files = list_folder(path("incoming/p07"));
  EXPECT_GE(files.size(), 5u);
  for (const std::string& file : files) EXPECT_LT(std::filesystem::file_size(path("incoming/p07/" + file)), 2000u);
  contract::holds(*safe, "incoming", 7, 100);
  EXPECT_EQ(contract::archived(*safe, "incoming", 7, 55).front().offset, 55u);
}

TEST_F(FilesSafeTest, OneProcessWritesAndOthersRead) {
  auto writer = open(), reader = open();
  ASSERT_TRUE(writer->archive("incoming", 7, records(1, 2)));
  contract::holds(*reader, "incoming", 7, 2);
  ASSERT_TRUE(writer->archive("incoming", 7, records(3, 4)));
  contract::holds(*reader, "incoming", 7, 4);
  EXPECT_EQ(reader->archive("incoming", 7, records(5, 5)).error().code, Code::already_running);
  EXPECT_TRUE(reader->mirror_turns(7, turns(1, 1))) << "another part, another writer";
  writer.reset();
  EXPECT_TRUE(reader->archive("incoming", 7, records(5, 5)));
}

TEST_F(FilesSafeTest, OfManyProcessesOneChangesTheEpoch) {
  open();
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto safe = open_files_safe(path(""));
      ::_exit(safe && (*safe)->change_epoch({1, true, ""}, {2, false, fmt::format("rec-{}", i)}) ? 0 : 1);
    }
    children.push_back(child);
  }
  int winners = 0;
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    winners += WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 1 : 0;
  }
  EXPECT_EQ(winners, 1);
}

TEST_F(FilesSafeTest, ALostEpochDoesNotBeginAgain) {
  ASSERT_TRUE(open()->archive("incoming", 7, records(1, 1)));
  std::filesystem::remove(path("epoch"));
  const auto safe = open_files_safe(path(""));
  ASSERT_FALSE(safe);
  EXPECT_EQ(safe.error().code, Code::safe_failed);
}

TEST_F(FilesSafeTest, ABrokenEpochIsNoEpoch) {
  auto safe = open();
  for (const char* text : {"", "{}", R"({"n":0,"open":true,"saga":""})", R"({"n":-1,"open":true,"saga":""})",
                           R"({"n":1,"open":1,"saga":""})", R"({"n":1,"open":true})"}) {
    replace("epoch", text);
    EXPECT_EQ(safe->epoch().error().code, Code::checksum_mismatch) << text;
    EXPECT_FALSE(safe->change_epoch({1, true, ""}, {2, true, ""})) << text;
  }
}

TEST_F(FilesSafeTest, WhatCannotBeWrittenIsAnError) {
  auto safe = open();
  ASSERT_TRUE(write_file_durably(path("evidence/rec-1"), "a file where a folder belongs"));
  EXPECT_EQ(safe->put("evidence/rec-1/a", "x").error().code, Code::safe_failed);
  ASSERT_TRUE(write_file_durably(path("incoming/p07"), "a file where a folder belongs"));
  EXPECT_EQ(safe->archive("incoming", 7, records(1, 1)).error().code, Code::safe_failed);
  EXPECT_EQ(open_files_safe(path("evidence/rec-1")).error().code, Code::safe_failed);
}

// The limit on file sizes plays the full disk; in a child, as it holds for a whole process. The exit status tells where it broke.
TEST_F(FilesSafeTest, AFailedWriteLeavesNoPartAndCanBeRepeated) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    auto safe = open();
    if (!safe->archive("incoming", 7, records(1, 3))) ::_exit(1);
    const rlimit tight{std::filesystem::file_size(path(first_segment)) + 50, RLIM_INFINITY}, wide{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &tight);
    const auto failed = safe->archive("incoming", 7, records(4, 6));
    if (failed || failed.error().code != Code::safe_failed) ::_exit(2);
    if (safe->archived_end("incoming", 7).value() != 4) ::_exit(3);
    ::setrlimit(RLIMIT_FSIZE, &wide);
    ::_exit(safe->archive("incoming", 7, records(4, 6)) ? 0 : 4);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  contract::holds(*open(), "incoming", 7, 6);
}

}  // namespace
}  // namespace backstitch::safe
