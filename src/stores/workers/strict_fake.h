// Workers for tests, without processes. A Machine is what runs, whoever looks at it: it outlives the fakes, as processes
// outlive the platform. Stricter than processes: it stops the test when a slot does not belong to its lane. Thread-safe.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "stores/workers/port.h"

namespace backstitch::workers {

class Machine {
 public:
  struct Process {
    std::string slot, name;
    bool runs = true, finished = false;  // finished: left by itself after it was asked
  };

  Process start(const std::string& slot);
  /// Those of this slot, or of all slots, in the order of their start; also the ended ones.
  std::vector<Process> processes(const std::string& slot = {}) const;
  void kill(const std::string& name, bool finished = false);
  bool runs(const std::string& name) const;

  std::atomic<bool> refuses_launches = false;  // no memory for another process
  std::atomic<bool> tells_nothing = false;     // running() fails
  std::atomic<int> launches_asked = 0;

 private:
  mutable std::mutex mutex_;
  std::vector<Process> processes_;
  int last_number_ = 0;
};

class StrictFake : public Workers {
 public:
  explicit StrictFake(std::shared_ptr<Machine> machine) : machine_(std::move(machine)) {}
  Result<std::vector<Running>> running() override;
  Result<Running> launch(const Launch& launch) override;
  /// Workers of the lane "stubborn" do not listen: they are ended.
  Status end(const std::string& slot, std::int64_t grace_ms) override;
  bool alive(const std::string& name) const override;

 protected:
  Machine& machine() const { return *machine_; }

 private:
  std::shared_ptr<Machine> machine_;
};

}  // namespace backstitch::workers
