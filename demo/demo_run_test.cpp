// Whole demos, as a person starts them: the program's words, its exit status, and what it leaves behind.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json.hpp>
#include <filesystem>

#include "base/json.h"
#include "base/process.h"
#include "base/testing.h"

namespace backstitch::demo {
namespace {

using backstitch::testing::ScratchFolder;
using backstitch::testing::wait_until;

constexpr int run_ms_max = 240'000;

/// A demo under way; its folders are below a TMPDIR of its own.
class Demo {
 public:
  explicit Demo(std::vector<std::string> words) {
    words.insert(words.begin(), DEMO_PROGRAM);
    // PostgreSQL's user must be able to enter what lies below.
    std::filesystem::permissions(tmp_.path(), std::filesystem::perms(0755));
    Command command{
        .argv = std::move(words), .env = {{"TMPDIR", tmp_.path()}}, .stdout_path = log_ / "out", .stderr_path = log_ / "err"};
    command.folder = SOURCE_FOLDER;
    command.die_with_parent = true;
    const auto child = start(command);
    EXPECT_TRUE(child);
    if (child) id_ = child->id;
  }
  ~Demo() {
    if (status_ < 0) stop_process(id_, run_ms_max);
  }
  int wait() {
    EXPECT_TRUE(wait_until([this] { return (status_ = reap(id_.pid)) >= 0; }, run_ms_max));
    return status_;
  }
  void interrupt() const { signal_process(id_, SIGINT); }
  std::string out() const { return read_file(log_ / "out").value_or(""); }
  std::string err() const { return read_file(log_ / "err").value_or(""); }
  /// What is left below its TMPDIR: the folder of a kept demo.
  std::vector<std::string> left() const { return list_folder(tmp_.path()); }
  std::string kept_folder() const { return left().empty() ? "" : tmp_ / left().front(); }
  /// Processes that name its TMPDIR.
  std::vector<std::string> processes() const {
    std::vector<std::string> found;
    for (const std::string& name : list_folder("/proc"))
      if (std::string words = read_file("/proc/" + name + "/cmdline").value_or(""); words.find(tmp_.path()) != std::string::npos)
        found.push_back(name + " " + words);
    return found;
  }

 private:
  ScratchFolder tmp_, log_;
  ProcessId id_;
  int status_ = -1;
};

std::size_t socket_folders() {
  std::size_t count = 0;
  for (const std::string& name : list_folder("/run")) count += name.starts_with("backstitch-") ? 1 : 0;
  return count;
}

TEST(DemoRun, ClosesAndLeavesNothing) {
  Demo demo({"--orders", "60", "--kills", "3", "--seed", "11", "--json"});
  EXPECT_EQ(demo.wait(), 0) << demo.err() << demo.out();
  const auto document = parse_json(demo.out());
  ASSERT_TRUE(document) << "exactly one document on standard output";
  const auto& data = document->at("data");
  EXPECT_TRUE(data.at("closed").as_bool());
  EXPECT_EQ(data.at("kills").as_object().size(), 3u) << "serve, a worker and PostgreSQL";
  EXPECT_EQ(data.at("conservation").at(0).at("known").to_number<int>(), 66);
  EXPECT_EQ(demo.left(), std::vector<std::string>{});
  EXPECT_EQ(demo.processes(), std::vector<std::string>{});
}

TEST(DemoRun, ARowMissingInTheClientsFileIsNamed) {
  Demo demo({"--orders", "30", "--kills", "1", "--keep"});
  ASSERT_EQ(demo.wait(), 0) << demo.err() << demo.out();
  const std::string folder = demo.kept_folder(), file = folder + "/client/acknowledged.jsonl";
  {
    Demo again({"--check", folder});
    EXPECT_EQ(again.wait(), 0) << "nothing differs yet\n" << again.err() << again.out();
  }
  const std::string rows = read_file(file).value_or("");
  const auto first = parse_json(rows.substr(0, rows.find('\n')));
  ASSERT_TRUE(first);
  ASSERT_TRUE(write_file_durably(file, rows.substr(rows.find('\n') + 1)));
  Demo again({"--check", folder});
  EXPECT_EQ(again.wait(), 1);
  const std::string id(first->at("sourceOrderId").as_string());
  EXPECT_NE(again.out().find("DIFFERS acknowledged: client1 " + id), std::string::npos) << again.out();
  EXPECT_NE(again.out().find("closed: no"), std::string::npos);
  EXPECT_EQ(demo.processes(), std::vector<std::string>{}) << "kept is the folder, not what ran in it";
}

TEST(DemoRun, AnInterruptEndsEverythingThatWasStarted) {
  Demo demo({"--orders", "200", "--kills", "8"});
  ASSERT_TRUE(wait_until([&] { return demo.err().find("kill -9") != std::string::npos; }, 60'000)) << demo.err();
  EXPECT_FALSE(demo.processes().empty());
  demo.interrupt();
  EXPECT_EQ(demo.wait(), 128 + SIGINT);
  EXPECT_EQ(demo.left(), std::vector<std::string>{});
  EXPECT_EQ(demo.processes(), std::vector<std::string>{});
}

TEST(DemoRun, TwoAtOnceDoNotMeet) {
  Demo first({"--orders", "40", "--kills", "3"}), second({"--orders", "40", "--kills", "3"});
  EXPECT_EQ(first.wait(), 0) << first.err() << first.out();
  EXPECT_EQ(second.wait(), 0) << second.err() << second.out();
}

TEST(DemoRun, TheSmallCatalogClosesTooAndNoSocketFolderStays) {
  const std::size_t before = socket_folders();
  Demo demo({"--orders", "30", "--kills", "2", "--catalog", "catalogs/mini"});
  EXPECT_EQ(demo.wait(), 0) << demo.err() << demo.out();
  EXPECT_LE(socket_folders(), before);
}

TEST(DemoRun, WrongUsageAndAMissingCatalogHaveTheirExitStatus) {
  EXPECT_EQ(Demo({"--orders", "none"}).wait(), 2);
  Demo demo({"--catalog", "catalogs/none"});
  EXPECT_EQ(demo.wait(), 1);
  EXPECT_NE(demo.err().find("BS-2010"), std::string::npos) << demo.err();
  EXPECT_EQ(demo.left(), std::vector<std::string>{});
}

}  // namespace
}  // namespace backstitch::demo
