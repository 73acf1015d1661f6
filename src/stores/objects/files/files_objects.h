// Objects as files below a folder, DIR/objects. A file is one line that names format, size and SHA-256, then the content as it
// was put: `tail -n +2 FILE` prints it. The line is in the same file so that content and checksum change together.
#pragma once
#include <memory>
#include <string>

#include "stores/objects/port.h"

namespace backstitch::objects {

/// Makes the folder when it is missing.
Result<std::unique_ptr<Objects>> open_files_objects(const std::string& folder);

}  // namespace backstitch::objects
