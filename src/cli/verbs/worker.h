// The worker process of a lane: a hidden verb, started by the worker-manager.
#pragma once
#include "cli/verb.h"

namespace backstitch::cli {

/// Runs until SIGTERM or SIGINT, then ends what is in the air within --stop-grace-ms.
Result<Answer> worker(const Invocation& invocation);

}  // namespace backstitch::cli
