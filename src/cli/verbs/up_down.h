// Starting and stopping the platform as a process of its own.
#pragma once
#include "cli/verb.h"

namespace backstitch::cli {

/// Returns once orders are taken. Code::already_running, timed_out after --wait (10 min when not given), or the words with which
/// the process ended.
Result<Answer> up(const Invocation& invocation);

/// Stops platform, workers and PostgreSQL, also what a kill -9 has left behind. Code::not_running when there is nothing to stop.
Result<Answer> down(const Invocation& invocation);

}  // namespace backstitch::cli
