// Workers that run without their pid file: the platform was killed between starting one and writing the file. Each worker
// carries the path of its file in its environment, so that the next life can find it and write the file.
#pragma once
#include <string>
#include <vector>

#include "base/process.h"

namespace backstitch::workers {

/// Of the worker's environment. Not BACKSTITCH_…, which would be a key of the configuration.
constexpr const char* pid_file_variable = "WORKER_PID_FILE";

struct Survivor {
  std::string pid_file;
  ProcessId id;
};

/// Every worker whose pid file lies, or should lie, in this folder. Reads all of /proc: not for every round.
std::vector<Survivor> find_survivors(const std::string& run_folder);

}  // namespace backstitch::workers
