#include "base/assert.h"

#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>

namespace backstitch {
void assertion_failed(const char* file, int line, const char* expression, std::string_view why) {
  fmt::print(stderr, "BS-9001 assertion failed at {}:{}: {} ({})\n", file, line, expression, why);
  std::fflush(stderr);
  std::abort();
}
}  // namespace backstitch
