// From words to a verb and its Invocation, and back to an exit status.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/verb.h"

namespace backstitch::cli {

struct Parsed {
  const Verb* verb = nullptr;  // none: print `help` and leave
  Invocation invocation;
  std::string help;
};

/// `words` without the program's name. Code::usage for what the grammar does not have, with the nearest name.
Result<Parsed> parse_command_line(const std::vector<std::string>& words);

/// Parses, runs, prints; returns the exit status.
int run_command_line(const std::vector<std::string>& words);

}  // namespace backstitch::cli
