#include "cli/input.h"

#include <iostream>
#include <iterator>

#include "base/files.h"

namespace backstitch::cli {

Result<std::string> read_input(const std::string& name) {
  if (name == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  if (!file_exists(name)) return fail(Code::usage, "there is no file {}", name);
  return read_file(name);
}

}  // namespace backstitch::cli
