// The processes of a running platform, found as an operator would: by the files of its data folder. A pid is used only together
// with its start time.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/process.h"

namespace backstitch::e2e {

/// Workers whose pid files lie in DIR/run and that are alive.
std::vector<ProcessId> workers_of(const std::string& data_folder);
/// Name under which a worker marks its calls.
std::string worker_name(const std::string& lane, ProcessId id);
std::optional<ProcessId> postmaster_of(const std::string& data_folder);

/// SIGKILL, then waits until it is gone. False when it was gone before, so that nobody counts a kill that was none.
bool kill_hard(ProcessId id);

}  // namespace backstitch::e2e
