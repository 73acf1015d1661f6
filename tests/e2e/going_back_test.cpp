// A world is damaged, and goes back: what was acknowledged is there, nothing was done twice, and every account that nobody
// touched is what it was. Killed anywhere, undone anywhere, and refused in words where it cannot be done.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <random>

#include "base/files.h"
#include "base/json.h"
#include "base/time.h"
#include "going_back_world.h"
#include "stores/database/private/sealed_cluster.h"
#include "stores/database/private/server.h"

namespace backstitch::e2e {
namespace {

const char* const steps[] = {"freeze", "seal", "capture", "rewind", "fence", "drain", "rebuild", "replay", "reconcile", "verify"};

TEST_F(GoingBack, ABadJobIsUndoneWhileOrdersGoOn) {
  live(60);
  write_past_the_engine(world, "batch", "update backstitch.orders set state = 'Activated' where state = 'InProgress'");
  write_past_the_engine(world, "batch", "update backstitch.asset set data = '{}', quantity = 0");
  ASSERT_TRUE(testing::wait_until([&] { return client->acknowledged() >= 120; }, 60'000));
  const Spoken planned = speak(world, {"recover", "plan", "--cause", "the job is removed"});
  ASSERT_EQ(planned.exit_status, 0) << planned.err;
  const boost::json::value plan = planned.data();
  const auto& foreign = plan.at("foreignCommits").as_array();
  ASSERT_EQ(foreign.size(), 2u) << write_json(planned.document);
  EXPECT_EQ(foreign[0].at("role"), "batch");
  EXPECT_TRUE(foreign[1].at("rows").as_object().contains("asset update")) << write_json(foreign[1]);
  const std::string id = boost::json::value_to<std::string>(plan.at("plan").at("id"));
  ASSERT_EQ(speak(world, {"recover", "prepare", id}).exit_status, 0);
  ASSERT_TRUE(testing::wait_until([&, before = client->acknowledged()] { return client->acknowledged() > before; }, 60'000));
  const Spoken recovered = go_back(world, id);
  ASSERT_EQ(recovered.exit_status, 0) << faults_of(world, id) << recovered.err;
  EXPECT_GT(result_of(world, id, "verify").at("prepared").at("touched").to_number<int>(), 0) << "there was no tail";
  EXPECT_EQ(number_in(recovered.data(), "accounts", "unexplained"), 0);
  EXPECT_GT(number_in(recovered.data(), "accounts", "damaged"), 0);
  ASSERT_TRUE(world.start());
  come_to_rest();
  expect_proven();
  EXPECT_EQ(world.query("select count(*) from backstitch.asset where quantity = 0"), std::vector<std::string>{"0"});
  EXPECT_EQ(world.query("select rolcanlogin from pg_roles where rolname = 'batch'"), std::vector<std::string>{"f"});
}

// The shards load what the job has left, and decide on top of it: no account of theirs is as a replay has it, for that reason.
TEST_F(GoingBack, WhatWasDecidedOnTopOfTheDamageIsUndoneWithIt) {
  live(40);
  write_past_the_engine(world, "batch", "update backstitch.orders set state = 'Activated' where state = 'InProgress'");
  world.kill_platform();
  ASSERT_TRUE(world.start());
  const int before = client->acknowledged();
  ASSERT_TRUE(testing::wait_until([&] { return client->acknowledged() >= before + 40; }, 60'000));
  const std::string id = plan_recovery(world);
  const Spoken recovered = go_back(world, id);
  ASSERT_EQ(recovered.exit_status, 0) << faults_of(world, id) << recovered.err;
  EXPECT_LT(number_in(recovered.data(), "accounts", "partitionsExact"), 8) << "nothing was decided on top of it";
  ASSERT_TRUE(world.start());
  come_to_rest();
  expect_proven();
}

/// Lets the external system call back once the recovery that runs there has sealed the log. Until then it answers nothing.
void call_back_behind_the_seal(World& world, std::future<Spoken>& recovering) {
  const auto sealed = [&] {
    const boost::json::value journal = world.get("/api/v1/recovery/current");
    if (!journal.is_object() || !journal.get_object().contains("steps")) return false;
    const auto& all = journal.at("steps").as_array();
    return std::any_of(all.begin(), all.end(),
                       [](const auto& step) { return step.at("step") == "seal" && step.at("state") == "done"; });
  };
  ASSERT_TRUE(testing::wait_until(
      [&] { return sealed() || recovering.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }, 60'000));
  ASSERT_EQ(world.system().send("POST", "/faults", R"({"later":{"callback":"0-50"}})").status, 200);
}

// What was accepted before T, in the window and just before the end is waited for; the recovery itself takes the callbacks in.
TEST_F(GoingBack, ASystemCallsBackWhileTheHouseGoesBack) {
  live(40);
  ASSERT_EQ(world.system().send("POST", "/faults", R"({"later":{"callback":"60000-60000"}})").status, 200);
  ASSERT_TRUE(
      testing::wait_until([&, before = client->acknowledged()] { return client->acknowledged() >= before + 60; }, 60'000));
  write_past_the_engine(world, "batch", "update backstitch.asset set data = '{}', quantity = 0");
  ASSERT_TRUE(
      testing::wait_until([&, before = client->acknowledged()] { return client->acknowledged() >= before + 60; }, 60'000));
  const auto owed = [&] { return count_of(world, "later", "callbacksWaiting") >= 15; };
  ASSERT_TRUE(testing::wait_until(owed, 60'000)) << "orders go on until then";
  const std::string id = plan_recovery(world);
  auto recovering = std::async(std::launch::async, [&] { return go_back(world, id); });
  call_back_behind_the_seal(world, recovering);
  const Spoken recovered = recovering.get();
  ASSERT_EQ(recovered.exit_status, 0) << faults_of(world, id) << recovered.err;
  EXPECT_GE(result_of(world, id, "verify").at("window").at("lateCallbacks").to_number<int>(), 10);
  ASSERT_TRUE(world.start());
  come_to_rest();
  expect_proven();
  EXPECT_EQ(world.query("select count(*) from backstitch.item where state = 'Running'"), std::vector<std::string>{"0"});
}

TEST_F(GoingBack, KilledAtEveryStepItComesToTheSame) {
  live(60);
  come_to_rest();
  const auto before = account_digests(world);
  write_past_the_engine(world, "batch", "update backstitch.asset set data = '{}', quantity = 0");
  EXPECT_NE(account_digests(world), before);
  const std::string id = plan_recovery(world);
  for (const char* step : steps) {
    const Spoken until = go_back(world, id, step);
    EXPECT_LE(until.exit_status, 1) << step << ": " << write_json(until.document) << until.err;
  }
  const auto folders = database::make_cluster_folders(world.data(), world.data() + "/safe");
  ASSERT_TRUE(folders) << folders.error().text();
  const std::string old = folders->newest_epoch();
  const auto left = database::SealedCluster::open(*folders, {.data_folder = world.data()});  // as one killed behind capture does
  ASSERT_TRUE(left) << left.error().text();
  const Spoken end = go_back(world, id);
  ASSERT_EQ(end.exit_status, 0) << write_json(end.document) << end.err;
  EXPECT_EQ(database::postmaster_of(old), 0) << "the database that is left behind still runs";
  for (const auto& [step, starts] : starts_of(world, id)) EXPECT_EQ(starts, 1) << step << " was begun again";
  ASSERT_TRUE(world.start());
  EXPECT_EQ(account_digests(world), before);
  expect_proven();
}

TEST_F(GoingBack, KilledAtRandomItComesToTheSame) {
  live(60);
  come_to_rest();
  const auto before = account_digests(world);
  write_past_the_engine(world, "batch", "delete from backstitch.event; update backstitch.plan set state = 'InProgress'");
  const std::string id = plan_recovery(world);
  std::mt19937_64 random(7);
  for (int kill = 0; kill < 6; ++kill) {
    const auto child = start({.argv = {PLATFORM_PROGRAM, "--data", world.data(), "recover", "start", id, "--yes", "--no-up"}});
    ASSERT_TRUE(child) << child.error().text();
    const std::int64_t end_ms = monotonic_ms() + 300 + static_cast<std::int64_t>(random() % 2500);
    testing::wait_until([&] { return monotonic_ms() >= end_ms || reap(child->id.pid) >= 0; }, 10'000);
    signal_process(child->id, SIGKILL);
    testing::wait_until([&] { return reap(child->id.pid) >= 0 || !alive(child->id); });
  }
  const Spoken end = go_back(world, id);
  ASSERT_EQ(end.exit_status, 0) << write_json(end.document) << end.err;
  ASSERT_TRUE(world.start());
  EXPECT_EQ(account_digests(world), before);
  expect_proven();
}

TEST_F(GoingBack, UndoneAtAnyStepTheOldDatabaseGoesOn) {
  live(40);
  come_to_rest();
  write_past_the_engine(world, "batch", "update backstitch.asset set quantity = 0");
  const auto damaged = account_digests(world);
  const auto calls = count_of(world, "keyed", "calls") + count_of(world, "blind", "calls");
  for (const char* step : {"seal", "drain", "verify"}) {
    const std::string id = plan_recovery(world);
    EXPECT_LE(go_back(world, id, step).exit_status, 1) << step;
    const Spoken undone = speak(world, {"recover", "undo", id, "--yes", "--no-up"});
    ASSERT_EQ(undone.exit_status, 0) << step << ": " << write_json(undone.document) << undone.err;
    EXPECT_EQ(go_back(world, id).code(), "BS-6105") << "what was undone is not gone on with";
    ASSERT_TRUE(world.start()) << step;
    EXPECT_EQ(account_digests(world), damaged) << step;
    EXPECT_EQ(count_of(world, "keyed", "calls") + count_of(world, "blind", "calls"), calls) << step;
  }
}

TEST_F(GoingBack, AnUnprovenDatabaseIsNotSwitchedToAndCanBeUndone) {
  live(20);
  come_to_rest();
  write_past_the_engine(world, "batch", "update backstitch.asset set quantity = 0");
  const std::string id = plan_recovery(world), file = world.data() + "/safe/recoveries/" + id + "/journal.json";
  EXPECT_LE(go_back(world, id, "verify").exit_status, 1);
  std::string journal = read_file(file).value_or("");
  const auto proof = journal.find("\"closed\":true");
  ASSERT_NE(proof, std::string::npos);
  ASSERT_TRUE(write_file_durably(file, journal.replace(proof, 13, "\"closed\":false")));
  EXPECT_EQ(go_back(world, id).code(), "BS-6402");
  {
    const auto lock = FolderLock::take(world.data() + "/LOCK");  // as a saga under way holds it
    ASSERT_TRUE(lock);
    EXPECT_EQ(speak(world, {"recover", "undo", id, "--yes", "--no-up"}).code(), "BS-1005");
  }
  EXPECT_EQ(speak(world, {"recover", "undo", id, "--yes", "--no-up"}).exit_status, 0);
  EXPECT_TRUE(world.start());
}

/// The list that recover exclusions prints for this order, in a file.
std::string left_out_file(World& world, const std::string& order) {
  const Spoken list = speak(world, {"recover", "exclusions", "--order", order, "--why", "nobody placed it"});
  EXPECT_EQ(list.exit_status, 0) << write_json(list.document) << list.err;
  EXPECT_TRUE(write_file_durably(world.path("left-out.json"), write_json(list.data())));
  return world.path("left-out.json");
}

TEST_F(GoingBack, AMomentBehindWhatIsLeftOutIsRefusedAndTheLatestGoodOneIsNamed) {
  live(20);
  come_to_rest();
  const std::string file = left_out_file(world, "C-5");
  const Spoken late = speak(world, {"recover", "plan", "--to", "1ms", "--exclude", file, "--cause", "a test"});
  EXPECT_EQ(late.code(), "BS-6440");
  EXPECT_EQ(late.exit_status, 3);
  const std::string words = write_json(late.document), before = "go back to ";
  ASSERT_NE(words.find(before), std::string::npos) << words;
  const std::string named = words.substr(words.find(before) + before.size(), rfc3339(Time{1}).size());
  const std::string id = plan_recovery(world, {"--to", named, "--exclude", file});
  const Spoken recovered = go_back(world, id);
  ASSERT_EQ(recovered.exit_status, 0) << write_json(recovered.document) << recovered.err;
  ASSERT_TRUE(world.start());
  EXPECT_EQ(world.order_state("C-5"), "");
  EXPECT_EQ(world.order_state("C-6"), "Activated");
  EXPECT_EQ(violations(world), std::vector<std::string>{});
  EXPECT_EQ(speak(world, {"recover", "plan", "--to", "1ms", "--exclude", file}).exit_status, 0) << "left out already";
}

TEST_F(GoingBack, RestoredRowsThatHoldWhatIsLeftOutAreNotGoneOnWith) {
  live(20);
  come_to_rest();
  const std::string id = plan_recovery(world, {"--to", "1ms"}), file = world.data() + "/safe/recoveries/" + id + "/plan.json";
  boost::json::value plan = parse_json(read_file(file).value_or("")).value();
  plan.as_object()["exclusions"] = parse_json(read_file(left_out_file(world, "C-5")).value_or("")).value();
  ASSERT_TRUE(write_file_durably(file, write_json(plan)));
  EXPECT_EQ(go_back(world, id).code(), "BS-6440");
  EXPECT_EQ(speak(world, {"recover", "undo", id, "--yes", "--no-up"}).exit_status, 0);
  EXPECT_TRUE(world.start());
}

TEST_F(GoingBack, IsRefusedInWordsAndThenNothingIsTouched) {
  live(20);
  come_to_rest();
  EXPECT_EQ(speak(world, {"recover", "plan"}).code(), "BS-1001") << "nothing says where to go back to";
  EXPECT_EQ(speak(world, {"recover", "plan", "--to", "2020-01-01T00:00:00Z"}).code(), "BS-6005");
  write_past_the_engine(world, "batch", "update backstitch.asset set quantity = 0");
  const Spoken without = speak(world, {"recover", "plan"});
  ASSERT_EQ(without.exit_status, 0) << without.err;
  const std::string id = boost::json::value_to<std::string>(without.data().at("plan").at("id"));
  EXPECT_EQ(go_back(world, id).code(), "BS-6106") << "nobody said how the cause was removed";
  EXPECT_EQ(speak(world, {"recover", "start", "rec-none", "--yes"}).code(), "BS-6104");
  EXPECT_TRUE(world.platform_runs()) << "nothing was stopped for any of it";
}

}  // namespace
}  // namespace backstitch::e2e
