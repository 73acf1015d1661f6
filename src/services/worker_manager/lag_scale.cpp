#include "services/worker_manager/lag_scale.h"

#include <algorithm>

namespace backstitch {

DesiredWorkers LagScale::scaled(DesiredWorkers wish, const std::map<std::string, std::size_t>& waiting, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  for (const auto& lane : wish)
    if (const auto found = waiting.find(lane.lane); found != waiting.end() && most(lane) > lane.count)
      look(lane, most(lane), found->second, now_ms);
  raise(wish);
  return wish;
}

void LagScale::take_over(const std::map<std::string, int>& counts, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  for (const auto& [lane, count] : counts)
    if (const auto most = settings_.count_max.find(lane); most != settings_.count_max.end())
      needs_[lane] = {{now_ms, std::min(count, most->second)}};
}

DesiredWorkers LagScale::scaled(DesiredWorkers wish) const {
  const std::lock_guard lock(mutex_);
  raise(wish);
  return wish;
}

int LagScale::most(const database::Database::DesiredWorker& lane) const {
  const auto found = settings_.count_max.find(lane.lane);
  return found == settings_.count_max.end() ? 0 : found->second;
}

void LagScale::look(const database::Database::DesiredWorker& lane, int most, std::size_t waiting, std::int64_t now_ms) {
  auto& needs = needs_[lane.lane];
  const std::size_t per_worker = static_cast<std::size_t>(std::max(1, lane.concurrency * settings_.rounds_max));
  const int needed = static_cast<int>(std::min((waiting + per_worker - 1) / per_worker, static_cast<std::size_t>(most)));
  while (!needs.empty() && needs.back().count <= needed) needs.pop_back();  // never the highest again
  needs.push_back({now_ms, needed});
  while (needs.size() > 1 && needs.front().at_ms + settings_.calm_ms < now_ms) needs.pop_front();
}

void LagScale::raise(DesiredWorkers& wish) const {
  for (auto& lane : wish) {
    const auto needs = needs_.find(lane.lane);
    if (needs == needs_.end() || needs->second.empty() || most(lane) <= lane.count) continue;
    lane.count = std::clamp(needs->second.front().count, lane.count, most(lane));
  }
}

}  // namespace backstitch
