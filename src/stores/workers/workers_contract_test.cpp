// The contract on real child processes, on the strict fake, and on fakes with one flaw each.
#include "contract/workers_contract.h"

#include <gtest/gtest.h>

#include "base/process.h"
#include "contract/flaws.h"
#include "stores/workers/process/child_testing.h"
#include "stores/workers/wrong_fake.h"

namespace backstitch::workers {
namespace {

class FakeHouse : public contract::House {
 public:
  explicit FakeHouse(std::set<Wrong> wrongs = {}, bool strict = true) : wrongs_(std::move(wrongs)), strict_(strict) {
    next_life();
  }
  Workers& workers() override { return *workers_; }
  void next_life() override {
    if (strict_) {
      workers_ = std::make_unique<StrictFake>(machine_);
    } else {
      workers_ = std::make_unique<WrongFake>(wrongs_, machine_);
    }
  }
  void kill(const Running& worker) override { machine_->kill(process_of(worker).name); }
  bool ready(const Running&) override { return true; }
  bool finished(const Running& worker) override { return process_of(worker).finished; }

 private:
  Machine::Process process_of(const Running& worker) const { return machine_->processes(worker.slot).back(); }
  const std::set<Wrong> wrongs_;
  const bool strict_;
  std::shared_ptr<Machine> machine_ = std::make_shared<Machine>();
  std::unique_ptr<Workers> workers_;
};

class WorkersContract : public ::testing::TestWithParam<contract::WorkersCase> {};

TEST_P(WorkersContract, HoldsForProcesses) {
  ProcessHouse house;
  EXPECT_EQ(GetParam().run(house), "");
}

TEST_P(WorkersContract, HoldsOnTheStrictFake) {
  FakeHouse house;
  EXPECT_EQ(GetParam().run(house), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, WorkersContract, ::testing::ValuesIn(contract::cases()),
                         [](const auto& with) { return with.param.name; });

TEST(WrongWorkers, AreSeenByTheContract) {
  contract::expect_flaws_are_seen(contract::cases(), all_wrongs(),
                                  [](const std::set<Wrong>& wrongs) { return FakeHouse(wrongs, false); });
}

}  // namespace
}  // namespace backstitch::workers
