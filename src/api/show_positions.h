// What tools of the log are shown: how far its readers have come, as PostgreSQL has it (docs/decisions/0016-kafka.md).
#pragma once
#include "stores/database/port.h"
#include "stores/queue/port.h"

namespace backstitch {

/// Two queries; does not wait for the log, and promises nothing.
void show_positions(database::Database& database, queue::Queue& queue);

}  // namespace backstitch
