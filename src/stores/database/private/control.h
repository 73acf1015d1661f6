// What a cluster's control file says of it; also of one that is stopped, or of a base backup.
#pragma once
#include <cstdint>
#include <string>

#include "base/error.h"

namespace backstitch::database {

struct ControlData {
  std::uint32_t timeline = 0;  // of its latest checkpoint
  std::string system;          // "7591…": made once by initdb, the same in every copy
  bool checksums = false;
  bool operator==(const ControlData&) const = default;
};

/// Code::environment, process_failed when the file is damaged or not there.
Result<ControlData> read_control(const std::string& folder);

}  // namespace backstitch::database
