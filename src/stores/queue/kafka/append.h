// An append to the log: written, decided, read back (docs/decisions/0016-kafka.md).
#pragma once
#include "stores/queue/kafka/log.h"

namespace backstitch::queue::kafka {

/// Code::queue_failed: unknown. Its topics are there and its records are in order (check.h).
Result<std::vector<Appended>> append(Log& log, const std::vector<Append>& batch);

/// The records of holders as they were written. One whose record is not there, because the log has lost it, is none.
Result<std::vector<Record>> records_of(Log& log, const std::string& topic, const std::string& claim,
                                       const std::vector<Holder>& holders);

}  // namespace backstitch::queue::kafka
