// Data on standard output, words and progress on standard error; with --json exactly one document, also on failure.
#pragma once
#include <string>
#include <string_view>

#include "cli/verb.h"

namespace backstitch::cli {

struct Printed {
  std::string out, err;
  int exit_status = 0;
};

/// What is to be printed, and the exit status of "interfaces" 1: the error's own from spec/errors.yaml, or the answer's.
Printed compose_output(const Invocation& invocation, const Result<Answer>& result);

/// Prints it; returns the exit status.
int finish(const Invocation& invocation, const Result<Answer>& result);

/// A line of progress on standard error; silent with --quiet.
void say(const Invocation& invocation, std::string_view words);

/// Asks on the terminal. Code::usage without --yes where nobody can be asked or the answer is not "yes".
Status confirm(const Invocation& invocation, std::string_view question);

}  // namespace backstitch::cli
