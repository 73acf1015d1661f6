// The program starts, survives kill -9, and goes away without a trace.
#include "cli/verbs/up_down.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "base/net/http_client.h"
#include "base/testing.h"
#include "cli/testing.h"
#include "stores/queue/embedded/embedded_queue.h"

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

// The rows stand where the log of before has brought them: another one would be folded from its beginning into them.
TEST_F(UpDown, ALogThatIsGoneIsRefusedByThePlatformAndByEveryVerbThatOpensIt) {
  start();
  ASSERT_EQ(program({"down"}).exit_status, 0);
  ASSERT_EQ(::rename((data() + "/queue").c_str(), (data() + "/kept").c_str()), 0);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"up", "--port-base", "0"},
                                                {"queue", "list"},
                                                {"recover", "range"},
                                                {"assets", "export"},
                                                {"recover", "plan", "--to", "1:0/1", "--cause", "x"},
                                                {"queue", "drain", "schedule", "--force", "--yes"}}) {
    const Finished refused = program(words);
    EXPECT_EQ(refused.exit_status, 7) << words[0] << " " << words[1];
    EXPECT_NE(refused.err.find("BS-4111"), std::string::npos) << words[0] << " " << words[1] << ": " << refused.err;
  }
  EXPECT_FALSE(file_exists(data() + "/queue")) << "nothing was made in its place";
  ASSERT_EQ(::rename((data() + "/kept").c_str(), (data() + "/queue").c_str()), 0);
  start();
}

TEST_F(UpDown, AssetChangesAreTheSameFromTheApiAndTheProgramLiveAndDown) {
  start();
  ASSERT_EQ(program({"down"}).exit_status, 0);
  {
    auto queue = queue::open_embedded_queue({.folder = data() + "/queue"});
    ASSERT_TRUE(queue) << queue.error().text();
    for (const char* reference : {"r1", "r,2"})
      ASSERT_TRUE(
          (*queue)->append({{"order_orderitems", 7, "A-1", "order_orderitems.asset/1", R"({"bs-epoch":1})",
                             fmt::format(R"({{"type":"asset","version":1,"assetRef":"{}","action":"Change","state":"Active",)"
                                         R"("before":{{"speed":19.95}},"after":null,"serviceRecord":{{}}}})",
                                         reference)}}));
  }
  start();
  const auto endpoints = parse_json(read_file(data() + "/run/endpoints.json").value()).value();
  const std::string url = std::string(endpoints.at("api").as_string()) + "/api/v1/queues/order_orderitems/asset-changes";
  const std::string from = rfc3339(wall_clock().plus_ms(-3'600'000));  // a duration would be another moment each time
  const auto route = [&](const std::string& format) {
    HttpCall call;
    call.url = url + "?from=" + from + "&format=" + format;
    return HttpClient().call(call).body;
  };
  const std::string json = route("json"), csv = route("csv");
  EXPECT_NE(json.find(R"("before":{"speed":19.95},"after":null)"), std::string::npos) << json;
  EXPECT_NE(csv.find("\"r,2\""), std::string::npos) << csv;
  const auto exported = [&](const char* format) { return program({"assets", "export", "--from", from, "--format", format}).out; };
  EXPECT_EQ(exported("json"), json);
  EXPECT_EQ(exported("csv"), csv);
  ASSERT_EQ(program({"down"}).exit_status, 0);
  EXPECT_EQ(exported("json"), json);
  EXPECT_EQ(exported("csv"), csv);
  EXPECT_EQ(postmaster(), 0) << "no database was started for it";
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
