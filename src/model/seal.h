// A seal ends an epoch in a partition of a log: what an older epoch puts behind it is evidence and no command (law 6).
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "base/id.h"

namespace backstitch {

struct Seal {
  std::uint64_t offset = 0;
  std::uint64_t epoch = 0;  // the one that it began
};
/// Of one log. All of them count, the newest alone does not do: what came in between two was overtaken by the first.
using Seals = std::map<Partition, std::vector<Seal>>;

/// Whether a later epoch had begun when this record came in: who wrote it did not know that his own was over.
inline bool is_overtaken(const Seals& seals, Partition partition, std::uint64_t offset, std::uint64_t epoch) {
  const auto of_partition = seals.find(partition);
  return of_partition != seals.end() && std::any_of(of_partition->second.begin(), of_partition->second.end(),
                                                    [&](const Seal& seal) { return seal.offset < offset && epoch < seal.epoch; });
}

}  // namespace backstitch
