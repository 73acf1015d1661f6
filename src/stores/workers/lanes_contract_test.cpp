// The contract of machines that keep lanes by themselves, on the strict fake and on fakes with one flaw each. On Kubernetes:
// tests/stores/kube_test.cpp.
#include "contract/lanes_contract.h"

#include <gtest/gtest.h>

#include "contract/flaws.h"
#include "stores/workers/lane_fake.h"

namespace backstitch::workers {
namespace {

class FakeLanes : public contract::LaneHouse {
 public:
  explicit FakeLanes(std::set<WrongLanes> wrongs = {}) : wrongs_(std::move(wrongs)) { next_life(); }
  Workers& workers() override { return *workers_; }
  void next_life() override { workers_ = std::make_unique<LaneFake>(machine_, wrongs_); }
  void kill(const Running& worker) override { machine_->kill(worker.name); }
  bool ready(const Running&) override { return true; }
  bool finished(const Running& worker) override {
    for (const Machine::Process& process : machine_->processes(worker.slot))
      if (process.name == worker.name) return process.finished;
    return false;
  }
  int patience_ms() const override { return 20; }

 private:
  const std::set<WrongLanes> wrongs_;
  std::shared_ptr<Machine> machine_ = std::make_shared<Machine>();
  std::unique_ptr<Workers> workers_;
};

class LanesContract : public ::testing::TestWithParam<contract::LanesCase> {};

TEST_P(LanesContract, HoldsOnTheStrictFake) {
  FakeLanes house;
  EXPECT_EQ(GetParam().run(house), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, LanesContract, ::testing::ValuesIn(contract::lanes_cases()),
                         [](const auto& with) { return with.param.name; });

TEST(WrongLanesTest, AreSeenByTheContract) {
  contract::expect_flaws_are_seen(contract::lanes_cases(), all_wrong_lanes(),
                                  [](const std::set<WrongLanes>& wrongs) { return FakeLanes(wrongs); });
}

}  // namespace
}  // namespace backstitch::workers
