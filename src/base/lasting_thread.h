// PR_SET_PDEATHSIG fires when the *thread* that forked ends, not the process. Children that shall die with the process are
// therefore forked by one thread that lives as long as the process does.
#pragma once
#include <sys/types.h>

#include <functional>

namespace backstitch {

/// Runs `job` on that thread and returns what it returned: a pid, or -1. Also works in a forked copy of this process.
pid_t fork_on_lasting_thread(const std::function<pid_t()>& job);

}  // namespace backstitch
