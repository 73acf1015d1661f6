// backstitch: one binary, the platform and its client.
#include <exception>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/output.h"

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    return backstitch::cli::run_command_line(words);
  } catch (const std::exception& exception) {
    return backstitch::cli::finish({}, backstitch::fail(backstitch::Code::defect, "{}", exception.what()));
  }
}
