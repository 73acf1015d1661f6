// More workers for a lane that lags behind: a wish with higher counts, between what is wished and the most that is allowed. Up at
// once; down only when a lower number has been enough for a while. Pure, but for what it remembers. Thread-safe.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "services/worker_manager/worker_set.h"

namespace backstitch {

struct LagScaleSettings {
  std::map<std::string, int> count_max;  // by lane; a lane without one is never scaled
  /// How much may wait for one worker: so many times what it has in the air at a time.
  int rounds_max = 4;
  std::int64_t calm_ms = 60'000;
};

class LagScale {
 public:
  explicit LagScale(LagScaleSettings settings) : settings_(std::move(settings)) {}
  /// `waiting`: tasks that nobody has claimed, by lane; a lane that is missing there keeps its last count.
  DesiredWorkers scaled(DesiredWorkers wish, const std::map<std::string, std::size_t>& waiting, std::int64_t now_ms);
  /// What another process has made of the wish, which this one goes on from: as if so many had been needed now.
  void take_over(const std::map<std::string, int>& counts, std::int64_t now_ms);
  /// Whether there is a lane that it could ever raise.
  bool is_for_any() const { return !settings_.count_max.empty(); }
  /// As it was scaled last, for those who look.
  DesiredWorkers scaled(DesiredWorkers wish) const;

 private:
  struct Need {
    std::int64_t at_ms;
    int count;
  };
  void look(const database::Database::DesiredWorker& lane, int most, std::size_t waiting, std::int64_t now_ms);
  int most(const database::Database::DesiredWorker& lane) const;
  void raise(DesiredWorkers& wish) const;

  const LagScaleSettings settings_;
  mutable std::mutex mutex_;
  std::map<std::string, std::deque<Need>> needs_;  // of the last calm_ms; under mutex_, as the three above
};

}  // namespace backstitch
