// While the epoch is closed it belongs to the recovery that it names, and to nobody else (law 6).
#pragma once
#include <string>

#include "base/probe.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

/// `recovery_id` is empty for a platform.
inline bool held_by_another(const safe::Epoch& epoch, const std::string& recovery_id) {
  return !epoch.open && (recovery_id.empty() || epoch.saga != recovery_id) && guarded(Guard::closed_flag);
}

}  // namespace backstitch::recovery
