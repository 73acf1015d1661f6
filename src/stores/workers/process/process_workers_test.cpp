// What is special about workers that are processes: pid files that lie, and what the machine does not let us see.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/process.h"
#include "base/time.h"
#include "stores/workers/process/child_testing.h"
#include "stores/workers/process/survivors.h"

namespace backstitch::workers {
namespace {

using contract::launched;

std::vector<std::string> names_in(Workers& workers) {
  std::vector<std::string> names;
  const auto running = workers.running();
  EXPECT_TRUE(running) << running.error().text();
  if (running)
    for (const Running& worker : *running) names.push_back(worker.name);
  return names;
}

class ProcessWorkersTest : public ::testing::Test {
 protected:
  Workers& workers() { return house_.workers(); }
  ProcessHouse house_;
};

TEST_F(ProcessWorkersTest, AReusedPidIsNotTakenForOurs) {
  const std::string file = house_.settings.run_folder + "/worker-default-0.pid";
  ASSERT_TRUE(write_pid_file(file, {self().pid, self().started - 1}));  // this test stands for the innocent one
  EXPECT_TRUE(names_in(workers()).empty());
  EXPECT_TRUE(workers().end("default/0", 0));
  EXPECT_FALSE(file_exists(file));
  EXPECT_FALSE(workers().alive(fmt::format("default-{}-{}", self().pid, self().started - 1)));
  EXPECT_TRUE(workers().alive(own_worker_name("default")));
}

TEST_F(ProcessWorkersTest, AReusedPidLeavesTheSlotFree) {
  ASSERT_TRUE(write_pid_file(house_.settings.run_folder + "/worker-default-0.pid", {self().pid, self().started - 1}));
  const Running worker = launched(house_);
  EXPECT_EQ(names_in(workers()), std::vector{worker.name});
}

TEST_F(ProcessWorkersTest, ABrokenPidFileHoldsNobody) {
  for (const char* content : {"", "x", "-1 5\n", "0 0\n"}) {
    ASSERT_TRUE(write_file_durably(house_.settings.run_folder + "/worker-default-0.pid", content));
    EXPECT_TRUE(names_in(workers()).empty()) << content;
    EXPECT_TRUE(workers().end("default/0", 0)) << content;
  }
}

TEST_F(ProcessWorkersTest, AWorkerIsToldWhereItsTokenIs) {
  const auto words = [](const Running& worker) {
    return read_file(fmt::format("/proc/{}/cmdline", ProcessHouse::pid_of(worker))).value_or("");
  };
  EXPECT_EQ(words(launched(house_)).find("--token"), std::string::npos);
  house_.settings.token_place = "env:WORKERS_TOKEN";
  house_.next_life();
  ASSERT_TRUE(workers().end("default/0", 10'000));
  EXPECT_NE(words(launched(house_)).find(std::string("--token\0env:WORKERS_TOKEN", 25)), std::string::npos);
}

TEST_F(ProcessWorkersTest, OtherFilesAreNoWorkers) {
  for (const char* name : {"postgres.pid", "worker-.pid", "worker-default-0.pid.old", "endpoints.json"})
    ASSERT_TRUE(write_pid_file(house_.settings.run_folder + "/" + name, self()));
  EXPECT_TRUE(names_in(workers()).empty());
}

// The platform was killed after it had started a worker and before it had written down which.
TEST_F(ProcessWorkersTest, AWorkerWithoutItsFileIsFoundByTheNextLife) {
  const Running worker = launched(house_);
  ASSERT_TRUE(remove_tree(house_.pid_file(worker)));
  house_.next_life();
  EXPECT_EQ(names_in(workers()), std::vector{worker.name});
  EXPECT_TRUE(workers().end(worker.slot, contract::patient_ms));
  EXPECT_FALSE(workers().alive(worker.name));
}

TEST_F(ProcessWorkersTest, SurvivorsOfAnotherFolderAreNotOurs) {
  launched(house_);
  ProcessHouse other;
  EXPECT_TRUE(names_in(other.workers()).empty());
  EXPECT_EQ(find_survivors(house_.settings.run_folder).size(), 1u);
}

// A soft limit of 1024 files is reached one day; then nothing of /proc can be read.
TEST_F(ProcessWorkersTest, WhatCannotBeSeenIsNotDead) {
  const Running worker = launched(house_);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const bool alive = workers().alive(worker.name);
  const auto running = workers().running();
  const auto ended = workers().end(worker.slot, 0);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(alive);
  EXPECT_FALSE(running) << "a part of what runs, told as all";
  EXPECT_FALSE(ended);
  EXPECT_EQ(names_in(workers()), std::vector{worker.name});
}

TEST_F(ProcessWorkersTest, AWorkerThatCannotBeWrittenDownIsNotLeftRunning) {
  house_.settings.run_folder += "/missing";
  house_.next_life();
  EXPECT_FALSE(workers().launch({"default/0", "default", 4}));
  EXPECT_TRUE(find_survivors(house_.settings.run_folder).empty());
}

TEST_F(ProcessWorkersTest, AMissingProgramIsAnError) {
  house_.settings.executable = "/no/such/program";
  house_.next_life();
  const auto worker = workers().launch({"default/0", "default", 4});
  ASSERT_FALSE(worker);
  EXPECT_EQ(worker.error().code, Code::process_failed);
  EXPECT_TRUE(names_in(workers()).empty());
}

TEST_F(ProcessWorkersTest, TheStubbornGetAllTheirTime) {
  const Running worker = launched(house_, "stubborn");
  const std::int64_t before_ms = monotonic_ms();
  EXPECT_TRUE(workers().end(worker.slot, 120));
  EXPECT_GE(monotonic_ms() - before_ms, 120);
}

TEST_F(ProcessWorkersTest, TheDeadAreReaped) {
  const Running worker = launched(house_);
  house_.kill(worker);
  EXPECT_NE(start_ticks(ProcessHouse::pid_of(worker)), 0u) << "a zombie until somebody looks";
  EXPECT_TRUE(names_in(workers()).empty());
  EXPECT_EQ(start_ticks(ProcessHouse::pid_of(worker)), 0u);
}

}  // namespace
}  // namespace backstitch::workers
