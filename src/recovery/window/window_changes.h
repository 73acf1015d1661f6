// Asset changes of the window, wherever they are by now: in the queue, or in the evidence of recoveries that drained it before.
#pragma once
#include "recovery/assets/asset_changes.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

/// What was appended from `since` on. A gap stands only where neither queue nor evidence has anything. `now`: when retention last
/// went on; not set: whatever went may be of the window. Holds all of it in memory. The errors of read_asset_changes() and
/// read_drained().
Result<AssetChanges> changes_of_window(queue::Queue& queue, safe::Safe& safe, Time since, Time now = {});

/// How many of them are not older.
std::int64_t changes_since(const AssetChanges& changes, Time since);

}  // namespace backstitch::recovery
