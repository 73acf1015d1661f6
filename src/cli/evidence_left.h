// How long the evidence of a window lasts, asked of whoever has the log: the platform, or nobody while it is down.
#pragma once
#include <boost/json.hpp>

#include "api/recovery_host.h"
#include "cli/verb.h"

namespace backstitch::cli {

/// Rows of recovery::time_left(). With nobody at work on the data folder its lock is taken for as long as the log is read; where
/// nobody can say, the rows of queues are "unknown", which is no error: it must not keep anybody from going back.
boost::json::array evidence_left(const Invocation& invocation, RecoveryHost& host, Time since);

}  // namespace backstitch::cli
