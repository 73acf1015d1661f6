// The program starts, survives kill -9, and goes away without a trace.
#include "cli/verbs/up_down.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "base/testing.h"
#include "cli/testing.h"

namespace backstitch::cli {
namespace {

class UpDown : public ::testing::Test {
 protected:
  ~UpDown() override { static_cast<void>(program({"down", "--purge", "--yes"})); }

  Finished program(std::vector<std::string> words) {
    words.insert(words.end(), {"--data", data()});
    return testing::run_program(std::move(words), 100'000);
  }
  std::string data() const { return folder_ / "data"; }
  ProcessId start() {
    const Finished up = program({"up", "--port-base", "0"});
    EXPECT_EQ(up.exit_status, 0) << up.err;
    const auto id = read_pid_file(data() + "/run/serve.pid");
    EXPECT_TRUE(id.has_value());
    return id.value_or(ProcessId{});
  }
  int postmaster() const {
    const auto pg = list_folder(data() + "/pg");
    return pg.empty() ? 0 : std::atoi(read_file(data() + "/pg/e0001/postmaster.pid").value_or("0").c_str());
  }

 private:
  backstitch::testing::ScratchFolder folder_;
};

TEST_F(UpDown, StartsOnceStopsAndIsGone) {
  const ProcessId platform = start();
  EXPECT_TRUE(alive(platform));
  const Finished again = program({"up", "--port-base", "0"});
  EXPECT_EQ(again.exit_status, 3) << again.err;
  EXPECT_NE(again.err.find("BS-1005"), std::string::npos) << again.err;
  EXPECT_EQ(program({"status"}).exit_status, 0);
  EXPECT_EQ(program({"verify"}).exit_status, 0);

  EXPECT_EQ(program({"down"}).exit_status, 0);
  EXPECT_FALSE(alive(platform));
  EXPECT_EQ(postmaster(), 0);
  EXPECT_EQ(program({"status"}).exit_status, 5);
  EXPECT_EQ(program({"down"}).exit_status, 5);

  const Finished queues = program({"queue", "list", "--json"});  // with the platform down
  EXPECT_EQ(queues.exit_status, 0) << queues.err;
  const auto document = parse_json(queues.out);
  ASSERT_TRUE(document) << queues.out;
  EXPECT_GE(document->at("data").at("items").as_array().size(), 5u);

  EXPECT_EQ(program({"down", "--purge"}).exit_status, 2);  // nobody is there to ask
  EXPECT_TRUE(file_exists(data()));
  EXPECT_EQ(program({"down", "--purge", "--yes"}).exit_status, 0);
  EXPECT_FALSE(file_exists(data()));
}

TEST_F(UpDown, AKilledPlatformIsNoObstacleAndLeavesNothingBehind) {
  const ProcessId first = start();
  signal_process(first, SIGKILL);
  ASSERT_TRUE(backstitch::testing::wait_until([&] { return !alive(first); }));
  EXPECT_EQ(program({"status"}).exit_status, 5);

  const ProcessId second = start();
  EXPECT_NE(first, second);
  EXPECT_EQ(program({"status"}).exit_status, 0);
  signal_process(second, SIGKILL);
  ASSERT_TRUE(backstitch::testing::wait_until([&] { return !alive(second); }));
  const int server = postmaster();
  EXPECT_TRUE(identify(server).has_value()) << "PostgreSQL outlives its platform";
  const Finished down = program({"down"});
  EXPECT_EQ(down.exit_status, 0) << down.err;
  EXPECT_NE(down.err.find("was left running"), std::string::npos) << down.err;
  EXPECT_FALSE(identify(server).has_value());
}

TEST_F(UpDown, AWrongConfigurationIsSaidInWords) {
  ASSERT_TRUE(make_folders(data()));
  ASSERT_TRUE(write_file_durably(data() + "/backstitch.yaml", "partitons: 8\n"));
  const Finished up = program({"up", "--port-base", "0"});
  EXPECT_EQ(up.exit_status, 2) << up.err;
  EXPECT_NE(up.err.find("partitions"), std::string::npos) << up.err;
}

}  // namespace
}  // namespace backstitch::cli
