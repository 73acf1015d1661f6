#include "services/worker_manager/lag_scale.h"

#include <algorithm>

namespace backstitch {

DesiredWorkers LagScale::scaled(DesiredWorkers wish, const std::map<std::string, std::size_t>& waiting, std::int64_t now_ms) {
  for (auto& lane : wish) {
    const auto most = settings_.count_max.find(lane.lane);
    if (most == settings_.count_max.end() || most->second <= lane.count) continue;
    auto& needs = needs_[lane.lane];
    if (const auto found = waiting.find(lane.lane); found != waiting.end()) {
      const std::size_t per_worker = static_cast<std::size_t>(std::max(1, lane.concurrency * settings_.rounds_max));
      const std::size_t needed = std::min((found->second + per_worker - 1) / per_worker, static_cast<std::size_t>(most->second));
      while (!needs.empty() && needs.back().count <= static_cast<int>(needed)) needs.pop_back();  // never the highest again
      needs.push_back({now_ms, static_cast<int>(needed)});
      while (needs.size() > 1 && needs.front().at_ms + settings_.calm_ms < now_ms) needs.pop_front();
    }
    if (!needs.empty()) lane.count = std::clamp(needs.front().count, lane.count, most->second);
  }
  return wish;
}

}  // namespace backstitch
