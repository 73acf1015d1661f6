#include "killer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/files.h"
#include "base/time.h"
#include "processes.h"

namespace backstitch::e2e {
namespace {

constexpr int killed = 137, restarts_in_a_row_max = 200;
constexpr std::int64_t probe_deadline_ms = 60'000;

}  // namespace

/// Time that the load needs to be in the middle of something: the moment itself is what is drawn here.
void Killer::let_run(int ms) {
  testing::wait_until([] { return false; }, ms);
}

void Killer::kill_one(Victim victim, int pause_max_ms) {
  let_run(static_cast<int>(random_() % static_cast<std::uint64_t>(pause_max_ms)));
  if (victim == Victim::platform) {
    killed_[victim] += kill_hard(world_.platform());
    world_.kill_platform();  // reaps it
    world_.start();
  } else if (victim == Victim::postgres) {
    if (const auto server = postmaster_of(world_.data())) killed_[victim] += kill_hard(*server);
  } else if (const auto workers = workers_of(world_.data()); !workers.empty()) {
    killed_[victim] += kill_hard(workers[random_() % workers.size()]);
  }
}

void Killer::kill_all_workers() {
  for (const ProcessId worker : workers_of(world_.data())) killed_[Victim::worker] += kill_hard(worker);
}

Environment Killer::probe_environment(const std::string& probe, int hits_max) {
  const auto at = 1 + random_() % static_cast<std::uint64_t>(hits_max);
  return {{"BACKSTITCH_PROBE", fmt::format("{}:{}", probe, at)}, {"BACKSTITCH_PROBE_LOG", world_.path("probes")}};
}

void Killer::die_at(const std::string& probe, int deaths, int hits_max) {
  world_.kill_platform();
  ++killed_[Victim::platform];
  kill_all_workers();
  for (int started = 0; died_of_probe_[probe] < deaths; ++started) {
    ASSERT_LT(started, restarts_in_a_row_max) << probe;
    world_.start(probe_environment(probe, hits_max), false);
    ASSERT_TRUE(testing::wait_until([this] { return !world_.platform_runs(); }, probe_deadline_ms)) << "never hit: " << probe;
    ASSERT_EQ(world_.exit_status(), killed) << probe << ": " << read_file(world_.path("serve.log")).value_or("");
    ++died_of_probe_[probe];
  }
}

void Killer::workers_die_at(const std::string& probe, int deaths, int hits_max) {
  world_.kill_platform();
  ++killed_[Victim::platform];
  kill_all_workers();
  const int before = probes()[probe];
  world_.start(probe_environment(probe, hits_max));
  ASSERT_TRUE(testing::wait_until([&] { return probes()[probe] >= before + deaths; }, probe_deadline_ms))
      << "seldom hit: " << probe;
}

void Killer::back_to_normal() {
  if (world_.platform_runs()) ++killed_[Victim::platform];
  world_.kill_platform();
  kill_all_workers();
  world_.start();
}

std::map<std::string, int> Killer::probes() const {
  std::map<std::string, int> counts;
  const std::string text = read_file(world_.path("probes")).value_or("");
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    ++counts[text.substr(begin, end - begin)];
  return counts;
}

std::map<std::string, int> Killer::tally() const {
  std::map<std::string, int> counts;
  for (const auto& [victim, count] : killed_)
    counts[victim == Victim::platform ? "platform" : victim == Victim::worker ? "worker" : "postgres"] = count;
  for (const auto& [probe, count] : probes()) counts["at " + probe] = count;
  return counts;
}

int Killer::kills() const {
  int total = 0;
  for (const auto& [what, count] : tally()) total += count;
  return total;
}

}  // namespace backstitch::e2e
