// The last resort of cleaning up: whatever still works on a folder of ours.
#pragma once
#include <string>
#include <vector>

#include "base/process.h"

namespace backstitch::demo {

/// Programs of a demo, not ourselves, that name `folder` in their command line or work below it. Its name is random, so all of
/// them descend from a demo on this folder.
std::vector<ProcessId> processes_on(const std::string& folder);

/// SIGTERM, then SIGKILL, until there are none; returns how many there were.
int end_processes_on(const std::string& folder);

}  // namespace backstitch::demo
