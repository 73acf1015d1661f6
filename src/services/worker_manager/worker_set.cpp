#include "services/worker_manager/worker_set.h"

#include <map>

namespace backstitch {

WorkerSet worker_set(const std::vector<workers::Running>& running, const DesiredWorkers& wish) {
  std::map<std::string, std::string> strays;
  for (const workers::Running& worker : running) strays[worker.slot] = worker.name;
  WorkerSet out;
  for (const auto& lane : wish)
    for (int index = 0; index < lane.count; ++index) {
      const std::string slot = lane.lane + "/" + std::to_string(index);
      const auto found = strays.find(slot);
      if (found == strays.end()) {
        out.slots.push_back({slot, "", "missing"}), ++out.missing;
      } else {
        out.slots.push_back({slot, found->second, "running"});
        strays.erase(found);
      }
    }
  for (const auto& [slot, name] : strays) out.slots.push_back({slot, name, "stray"}), ++out.stray;
  return out;
}

bool same_wish(const DesiredWorkers& left, const DesiredWorkers& right) {
  const auto by_lane = [](const DesiredWorkers& wish) {
    std::map<std::string, std::pair<int, int>> out;
    for (const auto& lane : wish) out[lane.lane] = {lane.count, lane.concurrency};
    return out;
  };
  return by_lane(left) == by_lane(right);
}

}  // namespace backstitch
