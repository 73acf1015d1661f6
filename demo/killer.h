// Kills by plan with -9, and does what a supervisor does: starts again what nobody else would.
#pragma once
#include <map>
#include <string>

#include "demo/victims.h"
#include "demo/world.h"

namespace backstitch::demo {

/// One thread.
class Killer {
 public:
  /// The clock of the plan starts here.
  Killer(World& world, std::vector<PlannedKill> plan);

  /// At most one kill; then starts again whatever of serve, org and operator is dead. A victim that is not there right now is
  /// waited for.
  Status tick();
  bool done() const { return next_ == plan_.size(); }
  std::size_t killed() const { return next_; }
  std::size_t planned() const { return plan_.size(); }
  const std::map<std::string, int>& counts() const { return counts_; }
  std::int64_t since_last_ms() const;
  /// The time to come to rest begins anew: something else held everything up.
  void start_settling();

 private:
  std::optional<ProcessId> find(const PlannedKill& kill) const;
  void strike(const PlannedKill& kill, ProcessId victim);
  Status bring_back();

  World& world_;
  const std::vector<PlannedKill> plan_;
  const std::int64_t started_ms_;
  std::int64_t last_ms_;
  std::size_t next_ = 0;
  std::map<std::string, int> counts_;
};

}  // namespace backstitch::demo
