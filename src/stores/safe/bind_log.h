// Which log and which safe belong together: each holds the other's number, and neither is ever opened with another one.
#pragma once
#include <string>

#include "stores/queue/port.h"
#include "stores/safe/port.h"

namespace backstitch::safe {

/// The number of the log that this safe is bound to; empty: to none yet.
Result<std::string> bound_log(Safe& safe);

/// Binds log and safe to each other, unless they are already. Code::store_unfit when either is another one's: two data folders of
/// one name must not fold one log. Can be repeated after a crash at any line.
Status bind_log(queue::Queue& queue, Safe& safe);

}  // namespace backstitch::safe
