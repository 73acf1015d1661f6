#include "demo/troubles.h"

#include "base/time.h"

namespace backstitch::demo {

Troubles::Troubles() : last_ms_(monotonic_ms()) {}

std::int64_t Troubles::since_last_ms() const { return monotonic_ms() - last_ms_; }

void Troubles::start_settling() { last_ms_ = monotonic_ms(); }

}  // namespace backstitch::demo
