#include "stores/workers/kubernetes/slots.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace backstitch::workers {

void Slots::assign(const std::vector<Seen>& pods, const std::map<std::string, int>& wished) {
  std::map<std::string, std::vector<Seen>> lanes;
  for (const Seen& pod : pods) lanes[pod.lane].push_back(pod);
  std::map<std::string, int> index;
  slots_.clear();
  for (auto& [lane, in_lane] : lanes) {
    std::sort(in_lane.begin(), in_lane.end(), [](const Seen& left, const Seen& right) {
      return std::tie(left.created, left.name) < std::tie(right.created, right.name);
    });
    const auto wish = wished.find(lane);
    const int count = std::max(static_cast<int>(in_lane.size()), wish == wished.end() ? 0 : wish->second);
    std::set<int> taken;
    for (const Seen& pod : in_lane)
      if (const auto had = index_.find(pod.uid); had != index_.end() && had->second < count)
        index[pod.uid] = had->second, taken.insert(had->second);
    int free = 0;
    for (const Seen& pod : in_lane) {
      if (!index.contains(pod.uid)) {
        while (taken.contains(free)) ++free;
        index[pod.uid] = free, taken.insert(free);
      }
      slots_[lane + "/" + std::to_string(index[pod.uid])] = pod;
    }
  }
  index_ = std::move(index);
}

}  // namespace backstitch::workers
