// backstitch with its probes and guards in a test's reach. --testing-disable exists in this build only; the product does not
// know it.
#include <stdlib.h>

#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.h"

int main(int argc, char** argv) {
  constexpr std::string_view option = "--testing-disable=";
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word(argv[i]);
    // In the environment, so that the workers, which are started by this process, leave the same guards out.
    if (word.starts_with(option))
      ::setenv("BACKSTITCH_TESTING_DISABLE", std::string(word.substr(option.size())).c_str(), 1);
    else
      words.emplace_back(word);
  }
  return backstitch::cli::run_command_line(words);
}
