// More workers for a lane that lags behind: a wish with higher counts, between what is wished and the most that is allowed. Up at
// once; down only when a lower number has been enough for a while. Pure, but for what it remembers.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
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

 private:
  struct Need {
    std::int64_t at_ms;
    int count;
  };
  const LagScaleSettings settings_;
  std::map<std::string, std::deque<Need>> needs_;  // of the last calm_ms
};

}  // namespace backstitch
