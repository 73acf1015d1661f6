// What a person hands in: a file, or standard input for "-".
#pragma once
#include <string>

#include "base/error.h"

namespace backstitch::cli {

/// Code::file_failed, or usage for a name that is not there.
Result<std::string> read_input(const std::string& name);

}  // namespace backstitch::cli
