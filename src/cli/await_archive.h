// What the platform has received until now stands in the archive a moment later; who reads the archive waits for that moment.
#pragma once
#include "cli/verb.h"
#include "stores/safe/port.h"

namespace backstitch::cli {

/// Until the archive holds all that a running platform's `incoming` held when asked, at most `wait_ms_max`: Code::timed_out
/// behind that. Nothing to wait for, and no error, when no platform answers; one that does not tell is said in words.
Status await_archive(const Invocation& invocation, safe::Safe& safe, std::int64_t wait_ms_max = 30'000);

}  // namespace backstitch::cli
