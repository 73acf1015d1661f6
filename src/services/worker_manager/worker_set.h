// The set of workers as it is wished and as it is: slot by slot (V-12).
#pragma once
#include <string>
#include <vector>

#include "stores/database/port.h"
#include "stores/workers/port.h"

namespace backstitch {

using DesiredWorkers = std::vector<database::Database::DesiredWorker>;

struct WorkerSet {
  struct Slot {
    std::string slot, name;  // the name is empty where nobody runs
    const char* state = "";  // "running" "missing" "stray"
  };
  std::vector<Slot> slots;  // those that are wished, then the strays
  int missing = 0, stray = 0;
  bool right() const { return missing + stray == 0; }
};

WorkerSet worker_set(const std::vector<workers::Running>& running, const DesiredWorkers& wish);
/// Lane by lane, in whatever order.
bool same_wish(const DesiredWorkers& left, const DesiredWorkers& right);

}  // namespace backstitch
