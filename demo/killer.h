// Kills by plan with -9, and does what a supervisor does: starts again what nobody else would.
#pragma once
#include <map>
#include <string>

#include "demo/troubles.h"
#include "demo/victims.h"
#include "demo/world.h"

namespace backstitch::demo {

class Killer : public Troubles {
 public:
  /// The clock of the plan starts here.
  Killer(World& world, std::vector<PlannedKill> plan);

  /// At most one kill; then starts again whatever of serve, org and operator is dead. A victim that is not there right now is
  /// waited for.
  Status tick() override;
  std::size_t hit() const override { return next_; }
  std::size_t planned() const override { return plan_.size(); }
  std::string words() const override { return fmt::format("killed {} of {}", next_, plan_.size()); }
  const std::map<std::string, int>& counts() const { return counts_; }

 private:
  std::optional<ProcessId> find(const PlannedKill& kill) const;
  void strike(const PlannedKill& kill, ProcessId victim);
  Status bring_back();

  World& world_;
  const std::vector<PlannedKill> plan_;
  const std::int64_t started_ms_;
  std::size_t next_ = 0;
  std::map<std::string, int> counts_;
};

}  // namespace backstitch::demo
