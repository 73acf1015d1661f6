#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "base/probe.h"

namespace backstitch {
namespace {

struct Plan {
  std::string name;
  long at = 0;
};

Plan read_plan() {
  const char* text = std::getenv("BACKSTITCH_PROBE");
  if (!text) return {};
  const std::string_view plan(text);
  const auto colon = plan.find(':');
  if (colon == std::string_view::npos) return {std::string(plan), 1};
  return {std::string(plan.substr(0, colon)), std::atol(text + colon + 1)};
}

}  // namespace

void hit(Probe probe) {
  static const Plan plan = read_plan();
  static std::atomic<long> hits{0};
  if (plan.name != probe_name(probe) || ++hits != plan.at) return;
  if (const char* log = std::getenv("BACKSTITCH_PROBE_LOG")) {
    const int fd = ::open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    const std::string line = plan.name + "\n";
    if (fd >= 0 && ::write(fd, line.data(), line.size()) > 0) ::close(fd);
  }
  ::kill(::getpid(), SIGKILL);
}

bool guarded(Guard guard) {
  static const std::string out = [] {
    const char* text = std::getenv("BACKSTITCH_TESTING_DISABLE");
    return "," + std::string(text ? text : "") + ",";
  }();
  return out.find("," + std::string(guard_name(guard)) + ",") == std::string::npos;
}

bool testing_build() { return true; }

}  // namespace backstitch
