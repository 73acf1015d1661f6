#include "base/probe.h"

namespace backstitch {
void hit(Probe) {}
bool guarded(Guard) { return true; }
bool testing_build() { return false; }
}  // namespace backstitch
