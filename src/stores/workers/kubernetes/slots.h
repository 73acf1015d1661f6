// Pods have no slots: each gets the lowest one that is free in its lane, in the order in which they were made, and keeps it while
// it is there. One that came while its forerunner was still leaving moves down when that is gone. Pure.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "stores/workers/kubernetes/objects.h"

namespace backstitch::workers {

class Slots {
 public:
  /// These Pods are all there are; of each lane so many are `wished`, some of which may still be to come.
  void assign(const std::vector<Seen>& pods, const std::map<std::string, int>& wished = {});
  /// By slot: "default/0".
  const std::map<std::string, Seen>& all() const { return slots_; }

 private:
  std::map<std::string, int> index_;  // by uid
  std::map<std::string, Seen> slots_;
};

}  // namespace backstitch::workers
