// What the verbs of a recovery work on: its host, and the plan that was named.
#pragma once
#include <memory>

#include "api/recovery_host.h"
#include "cli/verb.h"

namespace backstitch::cli {

/// Configured as the platform ran last, not as a file says now.
Result<std::unique_ptr<RecoveryHost>> open_recovery_host(const Invocation& invocation);

/// The recovery that was named, else the newest. Code::recovery_not_found.
Result<recovery::Plan> recovery_of(RecoveryHost& host, const Invocation& invocation);

}  // namespace backstitch::cli
