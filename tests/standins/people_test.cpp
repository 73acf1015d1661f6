// The operator and the independent client, against a platform that the test plays.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json.hpp>
#include <map>
#include <mutex>
#include <set>

#include "base/files.h"
#include "base/hash.h"
#include "base/json.h"
#include "harness.h"

namespace backstitch::standin_testing {
namespace {

/// Manual tasks with owners, as the platform keeps them: a claim by a second person is a conflict.
class TaskBoard {
 public:
  explicit TaskBoard(int tasks) {
    for (int n = 0; n < tasks; ++n) tasks_["itm_" + std::to_string(n)] = {};
  }
  HttpResponse operator()(const HttpRequest& request) {
    std::lock_guard lock(mutex_);
    if (down_) return {.drop_connection = true};
    if (request.method == "GET") return list(request);
    const auto verb_at = request.path.rfind('/');
    const std::string id = request.path.substr(14, verb_at - 14), verb = request.path.substr(verb_at + 1);
    if (request.header("idempotency-key").empty()) return {.status = 400, .body = "{}"};
    const std::string key(request.header("idempotency-key"));
    if (keys_.contains(key)) return {.status = 202, .body = "{}"};
    HttpResponse response = verb == "claim" ? claim(tasks_.at(id)) : complete(tasks_.at(id));
    if (response.status == 202) keys_.insert(key);  // as the platform: what is refused at the door is no command
    return response;
  }
  void set_down(bool down) {
    with_lock([&] { down_ = down; });
  }
  void hide_owned() {
    with_lock([&] { owned_hidden_ = true; });
  }
  /// A claim is applied only when somebody has tried to complete the task.
  void decide_late() {
    with_lock([&] { decides_late_ = true; });
  }
  void give_away(const std::string& id) {
    with_lock([&] { tasks_.at(id).taken_in_secret = true; });
  }
  int completed() {
    int all = 0;
    with_lock([&] {
      for (const auto& [id, task] : tasks_) all += task.completed;
    });
    return all;
  }
  int claimed() {
    int all = 0;
    with_lock([&] {
      for (const auto& [id, task] : tasks_) all += task.owner.empty() ? 0 : 1;
    });
    return all;
  }

 private:
  struct Task {
    std::string owner, claimant;
    bool taken_in_secret = false;  // by somebody whom the list does not show yet
    int completed = 0;
  };
  template <class Work>
  void with_lock(Work work) {
    std::lock_guard lock(mutex_);
    work();
  }
  HttpResponse list(const HttpRequest& request) {
    EXPECT_EQ(request.query_value("kind"), "manual");
    EXPECT_EQ(request.query_value("state"), "") << "tasks in hand are Running";
    boost::json::array items;
    for (const auto& [id, task] : tasks_) {
      if (task.completed || (owned_hidden_ && !task.owner.empty())) continue;
      boost::json::value owner = task.owner.empty() ? boost::json::value() : boost::json::value(task.owner);
      items.push_back(
          {{"id", id}, {"itemKey", "plan/check"}, {"state", task.owner.empty() ? "Ready" : "Running"}, {"owner", owner}});
    }
    return {.body = write_json(boost::json::object{{"items", items}, {"next", nullptr}})};
  }
  HttpResponse claim(Task& task) {
    if (task.taken_in_secret || !task.owner.empty()) return {.status = 409, .body = "{}"};
    (decides_late_ ? task.claimant : task.owner) = "ann";
    return {.status = 202, .body = "{}"};
  }
  HttpResponse complete(Task& task) {
    if (decides_late_ && task.owner.empty()) {
      task.owner = task.claimant;
      return {.status = 409, .body = "{}"};
    }
    EXPECT_EQ(task.owner, "ann");
    ++task.completed;
    return {.status = 202, .body = "{}"};
  }

  std::mutex mutex_;
  std::map<std::string, Task> tasks_;
  std::set<std::string> keys_;
  bool down_ = false, owned_hidden_ = false, decides_late_ = false;
};

class OperatorTest : public testing::Test {
 protected:
  void start(const std::string& delay) {
    operator_ = std::make_unique<StandIn>(
        "standin-operator", std::vector<std::string>{"--data", scratch_ / "ann", "--target", url_of(*platform_), "--delay-ms",
                                                     delay, "--parallel", "4", "--poll-ms", "5"});
  }
  void play(int tasks) {
    board_ = std::make_unique<TaskBoard>(tasks);
    platform_ = serve([this](const HttpRequest& request) { return (*board_)(request); });
  }
  std::int64_t count(const std::string& name) {
    return operator_->get_json("/ledger/summary").at(name).to_number<std::int64_t>();
  }

  Scratch scratch_;
  std::unique_ptr<TaskBoard> board_;
  std::unique_ptr<HttpServer> platform_;
  std::unique_ptr<StandIn> operator_;
};

TEST_F(OperatorTest, ClaimsAndCompletesEveryTaskOnce) {
  play(20);
  start("0-3");
  EXPECT_TRUE(wait_until([&] { return board_->completed() == 20 && count("completed") == 20; }));
  EXPECT_EQ(count("claimed"), 20);
  EXPECT_EQ(count("inHand"), 0);
}

TEST_F(OperatorTest, AConflictIsNotedAndSkipped) {
  play(3);
  board_->give_away("itm_1");
  start("0-0");
  EXPECT_TRUE(wait_until([&] { return board_->completed() == 2 && count("skipped") >= 1; }));
  EXPECT_EQ(count("claimed"), 2);
  bool noted = false;
  for (const auto& line : read_lines(scratch_ / "ann/ledger.jsonl"))
    noted = noted || (line.at("kind") == "skipped" && line.at("task") == "itm_1" && line.at("status") == 409);
  EXPECT_TRUE(noted);
}

TEST_F(OperatorTest, CompletesWhatItHoldsAlsoWhenItsClaimWasAppliedLate) {
  play(5);
  board_->decide_late();
  start("0-0");
  EXPECT_TRUE(wait_until([&] { return board_->completed() == 5 && count("completed") == 5; }));
  EXPECT_EQ(count("skipped"), 5);
}

TEST_F(OperatorTest, OutlivesAnOutageOfThePlatform) {
  play(10);
  board_->set_down(true);
  start("0-0");
  board_->set_down(false);
  EXPECT_TRUE(wait_until([&] { return board_->completed() == 10; }));
}

TEST_F(OperatorTest, CompletesAfterItsOwnDeathWhatItHadClaimed) {
  play(4);
  board_->hide_owned();  // so that only the ledger can tell it
  start("600000-600000");
  ASSERT_TRUE(wait_until([&] { return board_->claimed() == 4 && count("claimed") == 4; }));
  operator_->kill_hard();
  start("0-0");
  EXPECT_TRUE(wait_until([&] { return board_->completed() == 4 && count("completed") == 4; }));
  EXPECT_EQ(count("claimed"), 4) << "nothing was claimed a second time";
}

TEST(Client, KeepsALineForEachAcknowledgedOrderAndEndsWhenAllAreThrough) {
  Scratch scratch;
  std::mutex mutex;
  std::map<std::string, int> attempts;
  const auto platform = serve([&](const HttpRequest& request) -> HttpResponse {
    std::lock_guard lock(mutex);
    const std::string id(parse(request.body).at("sourceOrderId").as_string());
    if (++attempts[id] == 1) return {.drop_connection = true};
    return {.status = id == "O1" ? 200 : 202, .body = R"({"commandId":"cmd_1"})"};
  });
  std::string orders;
  for (int n = 1; n <= 20; ++n) orders += order_line("O" + std::to_string(n)) + "\n";
  write_all(scratch / "orders.jsonl", orders);
  const std::vector<std::string> arguments{"--data",   scratch / "client", "--orders", scratch / "orders.jsonl",
                                           "--target", url_of(*platform)};
  {
    StandIn client("standin-client", arguments);
    EXPECT_EQ(client.wait_for_exit(), 0);
  }
  const auto lines = read_lines(scratch / "client/acknowledged.jsonl");
  ASSERT_EQ(lines.size(), 20u);
  std::set<std::string> ids;
  for (const auto& line : lines) {
    const std::string id(line.at("sourceOrderId").as_string());
    ids.insert(id);
    EXPECT_EQ(line.at("sha256").as_string(), sha256_hex(order_line(id)));
    EXPECT_EQ(line.at("source").as_string(), "org1");
    EXPECT_EQ(line.at("version").to_number<int>(), 1);
    EXPECT_EQ(line.at("answer").at("commandId").as_string(), "cmd_1");
  }
  EXPECT_EQ(ids.size(), 20u);
  StandIn again("standin-client", arguments);
  EXPECT_EQ(again.wait_for_exit(), 0);
  std::lock_guard lock(mutex);
  for (const auto& [id, count] : attempts) EXPECT_EQ(count, 2) << id << " was submitted again after its acknowledgement";
}

TEST(Client, ARejectedOrderIsItsExitStatus) {
  Scratch scratch;
  const auto platform = serve([](const HttpRequest&) { return HttpResponse{.status = 422, .body = "{}"}; });
  write_all(scratch / "orders.jsonl", order_line("O1") + "\n");
  StandIn client("standin-client",
                 {"--data", scratch / "client", "--orders", scratch / "orders.jsonl", "--target", url_of(*platform)});
  EXPECT_EQ(client.wait_for_exit(), 1);
  EXPECT_EQ(read_lines(scratch / "client/rejected.jsonl").size(), 1u);
  EXPECT_EQ(read_all(scratch / "client/acknowledged.jsonl"), "");
}

TEST(Program, WritesAPidFileAndEndsInOrderOnTerm) {
  Scratch scratch;
  StandIn org("standin-org", {"--data", scratch / "org", "--pid-file", scratch / "org.pid"});
  const auto id = read_pid_file(scratch / "org.pid");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->pid, org.id().pid);
  signal_process(org.id(), SIGTERM);
  EXPECT_EQ(org.wait_for_exit(), 0);
}

TEST(Program, WrongUsageIsExitStatusTwo) {
  for (const char* name : {"standin-system", "standin-org", "standin-operator", "standin-client"}) {
    const auto ended = run({.argv = {std::string(STANDINS_FOLDER) + "/" + name, "--no-such-option"}}, 10'000);
    ASSERT_TRUE(ended) << ended.error().text();
    EXPECT_EQ(ended->exit_status, 2) << name;
    const auto help = run({.argv = {std::string(STANDINS_FOLDER) + "/" + name, "--help"}}, 10'000);
    ASSERT_TRUE(help) << help.error().text();
    EXPECT_EQ(help->exit_status, 0);
    EXPECT_NE(help->out.find("Examples:"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace backstitch::standin_testing
