// Two operators at once, and operators who die: while the platform is stopped, while a copy becomes the database, while a plan
// reads the folder.
#include <signal.h>

#include <filesystem>

#include "base/files.h"
#include "base/json.h"
#include "base/probe.h"
#include "going_back_world.h"
#include "processes.h"
#include "stores/database/private/folders.h"
#include "stores/database/rewind/restored_cluster.h"

namespace backstitch::e2e {
namespace {

/// A verb as a process of its own, stopped in the middle: as soon as it holds the lock file.
class Halted {
 public:
  Halted(World& world, std::vector<std::string> words, const std::string& lock_file) {
    words.insert(words.begin(), {PLATFORM_PROGRAM, "--data", world.data()});
    const auto child = start({.argv = std::move(words), .stdout_path = world.path("halted.log")});
    EXPECT_TRUE(child) << child.error().text();
    id_ = child->id;
    const std::string held = std::to_string(id_.pid) + "\n";
    EXPECT_TRUE(testing::wait_until([&] { return read_file(lock_file).value_or("") == held; }));
    signal_process(id_, SIGSTOP);
    EXPECT_TRUE(alive(id_)) << "it was over before it could be halted";
  }
  ~Halted() { kill(); }
  void kill() { end(SIGKILL); }
  int go_on() { return end(SIGCONT); }
  int pid() const { return id_.pid; }

 private:
  int end(int signal) {
    if (ended_) return status_;
    signal_process(id_, signal);
    ended_ = testing::wait_until([&] { return (status_ = reap(id_.pid)) >= 0; }, 60'000);
    EXPECT_TRUE(ended_);
    return status_;
  }
  ProcessId id_;
  bool ended_ = false;
  int status_ = -1;
};

TEST_F(GoingBack, ASecondOperatorIsRefusedAndADeadOneIsInNobodysWay) {
  live(20);
  come_to_rest();
  write_past_the_engine(world, "batch", "update backstitch.asset set quantity = 0");
  const std::string id = plan_recovery(world), lock_file = world.data() + "/RECOVERY.LOCK";
  {
    Halted first(world, {"recover", "prepare", id}, lock_file);
    const std::string pid = "process " + std::to_string(first.pid());
    const std::vector<std::vector<std::string>> verbs = {{"recover", "prepare", id},
                                                         {"recover", "start", id, "--yes"},
                                                         {"recover", "resume", id, "--yes"},
                                                         {"recover", "undo", id, "--yes"}};
    for (const auto& verb : verbs) {
      const Spoken second = speak(world, verb);
      EXPECT_EQ(second.code(), "BS-6441") << verb[1];
      EXPECT_EQ(second.exit_status, 3) << verb[1];
      EXPECT_NE(write_json(second.document).find(pid), std::string::npos) << write_json(second.document);
    }
    const HttpAnswer over_http = world.call("POST", "/api/v1/recoveries", "{\"id\":\"" + id + "\"}");
    EXPECT_EQ(over_http.status, 409);
    EXPECT_NE(over_http.body.find("BS-6441"), std::string::npos) << over_http.body;
    EXPECT_EQ(speak(world, {"recover", "status", id}).exit_status, 0) << "whoever only looks is not refused";
    EXPECT_EQ(first.go_on(), 0);
  }
  Halted(world, {"recover", "prepare", id}, lock_file).kill();
  EXPECT_TRUE(world.platform_runs());
  const Spoken prepared = speak(world, {"recover", "prepare", id});
  EXPECT_EQ(prepared.exit_status, 0) << write_json(prepared.document) << prepared.err;
  const Spoken recovered = go_back(world, id);
  EXPECT_EQ(recovered.exit_status, 0) << write_json(recovered.document) << recovered.err;
  ASSERT_TRUE(world.start());
  expect_proven();
}

TEST_F(GoingBack, APlanWithThePlatformDownHasTheFolderForItself) {
  live(20);
  come_to_rest();
  write_past_the_engine(world, "batch", "update backstitch.asset set quantity = 0");
  world.stop_platform();
  const std::string lock_file = world.data() + "/LOCK";
  {
    Halted plan(world, {"recover", "plan"}, lock_file);
    EXPECT_FALSE(world.start({}, false)) << "no platform starts on a folder that is read";
    const Spoken second = speak(world, {"recover", "plan"});
    EXPECT_EQ(second.exit_status, 0) << write_json(second.document) << second.err;
    EXPECT_NE(write_json(second.document).find("\"unknown\""), std::string::npos) << "he cannot ask the log";
    EXPECT_EQ(plan.go_on(), 0);
  }
  ASSERT_TRUE(world.start());
}

TEST_F(GoingBack, APlanThatIsKilledWhileItServesTheFolderIsInNobodysWay) {
  live(20);
  come_to_rest();
  world.stop_platform();
  const auto child = start({.argv = {PLATFORM_PROGRAM, "--data", world.data(), "recover", "plan", "--to", "1ms"}});
  ASSERT_TRUE(child) << child.error().text();
  EXPECT_TRUE(testing::wait_until([&] { return postmaster_of(world.data()).has_value() || !alive(child->id); }));
  EXPECT_TRUE(kill_hard(child->id)) << "it was over before it could be killed";
  EXPECT_TRUE(testing::wait_until([&] { return reap(child->id.pid) >= 0; }));
  EXPECT_TRUE(postmaster_of(world.data()).has_value()) << "its PostgreSQL outlives it";
  ASSERT_TRUE(world.start());
  EXPECT_EQ(violations(world), std::vector<std::string>{});
}

class KilledWhileStopping : public GoingBack {
 protected:
  void TearDown() override { speak(world, {"down"}); }  // what a recovery started is no child of the test
  bool answers() {
    return testing::wait_until([&] { return world.get("/api/v1/status").is_object(); }, 30'000);
  }
};

TEST_F(KilledWhileStopping, ThePlatformStandsAgainAtTheEndAtItsPorts) {
  live(20);
  come_to_rest();
  write_past_the_engine(world, "batch", "update backstitch.asset set quantity = 0");
  for (const int hit : {1, 2, 3, 4}) {
    const std::string id = plan_recovery(world);
    EXPECT_EQ(die_at(world, Probe::stopping_platform, hit, {"recover", "start", id, "--yes"}), 137) << hit;
    const Spoken undone = speak(world, {"recover", "undo", id, "--yes"});
    EXPECT_EQ(undone.exit_status, 0) << hit << write_json(undone.document) << undone.err;
    EXPECT_TRUE(answers()) << "killed at " << hit;
  }
  const std::string id = plan_recovery(world);
  EXPECT_EQ(die_at(world, Probe::stopping_platform, 3, {"recover", "start", id, "--yes"}), 137);
  EXPECT_FALSE(world.get("/api/v1/status").is_object()) << "it was stopped";
  const Spoken recovered = speak(world, {"recover", "resume", id, "--yes"});
  EXPECT_EQ(recovered.exit_status, 0) << write_json(recovered.document) << recovered.err;
  EXPECT_TRUE(answers());
  EXPECT_EQ(world.query("select count(*) from backstitch.asset where quantity = 0"), std::vector<std::string>{"0"});
}

TEST_F(GoingBack, KilledBetweenTheLinesOfTheSwitchOneDatabaseIsLiveAtEveryMoment) {
  live(40);
  come_to_rest();
  const auto before = account_digests(world);
  write_past_the_engine(world, "batch", "update backstitch.asset set data = '{}', quantity = 0");
  const std::string id = plan_recovery(world);
  ASSERT_LE(go_back(world, id, "verify").exit_status, 1);
  const auto folders = database::make_cluster_folders(world.data(), world.data() + "/safe").value();
  const std::string copy = folders.pg + "/recovery-" + id, old_one = database::epoch_folder(folders, 1),
                    new_one = database::epoch_folder(folders, 2);
  struct Kill {
    int hit;
    bool switched;
  };
  // Before the stop, behind it, behind the rename; each later life begins behind the rename: the sync, the mark, the log,
  // sockets.
  constexpr Kill kills[] = {{1, false}, {2, false}, {3, true}, {1, true}, {2, true}, {3, true}, {4, true}};
  for (const auto& [hit, switched] : kills) {
    EXPECT_EQ(die_at(world, Probe::becoming_live, hit, {"recover", "resume", id, "--yes", "--no-up"}), 137);
    EXPECT_EQ(folders.newest_epoch(), switched ? new_one : old_one);
    EXPECT_TRUE(file_exists(folders.newest_epoch() + "/PG_VERSION"));
    EXPECT_NE(file_exists(copy), file_exists(new_one)) << "it has one name at a time";
    EXPECT_EQ(speak(world, {"recover", "undo", id, "--yes", "--no-up"}).code(), "BS-6105") << "what has begun stands";
    EXPECT_FALSE(world.start({}, false)) << "no platform on a closed epoch";
  }
  const Spoken end = speak(world, {"recover", "resume", id, "--yes", "--no-up"});
  ASSERT_EQ(end.exit_status, 0) << write_json(end.document) << end.err;
  EXPECT_FALSE(file_exists(new_one + "/backstitch.restored"));
  EXPECT_FALSE(file_exists(folders.sockets + "-recovery-" + id)) << "what was left of the copy";
  ASSERT_TRUE(world.start());
  EXPECT_EQ(account_digests(world), before);
  expect_proven();
}

TEST_F(GoingBack, KilledBehindTheRenameNothingIsLeftOfTheCopy) {
  live(20);
  come_to_rest();
  write_past_the_engine(world, "batch", "update backstitch.asset set quantity = 0");
  const std::string id = plan_recovery(world);
  EXPECT_EQ(die_at(world, Probe::becoming_live, 3, {"recover", "start", id, "--yes", "--no-up"}), 137);
  const auto folders = database::make_cluster_folders(world.data(), world.data() + "/safe").value();
  EXPECT_TRUE(file_exists(database::epoch_folder(folders, 2) + "/backstitch.restored"));
  const Spoken end = speak(world, {"recover", "resume", id, "--yes", "--no-up"});
  ASSERT_EQ(end.exit_status, 0) << write_json(end.document) << end.err;
  EXPECT_FALSE(file_exists(database::epoch_folder(folders, 2) + "/backstitch.restored"));
  EXPECT_FALSE(file_exists(folders.sockets + "-recovery-" + id));
}

}  // namespace
}  // namespace backstitch::e2e
