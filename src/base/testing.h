// For tests only: waiting without sleeping blindly, and a folder that goes away.
#pragma once
#include <stdlib.h>

#include <chrono>
#include <string>
#include <thread>

#include "base/assert.h"
#include "base/files.h"

namespace backstitch::testing {

/// True as soon as `condition()` is; false when it still is not after deadline_ms.
template <class Condition>
bool wait_until(Condition condition, int deadline_ms = 10'000) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(deadline_ms);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// A new empty folder, removed with all in it at the end of the scope.
class ScratchFolder {
 public:
  ScratchFolder() {
    char name[] = "/tmp/backstitch-test-XXXXXX";
    BS_ASSERT(::mkdtemp(name) != nullptr, "a folder for a test");
    path_ = name;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() { static_cast<void>(remove_tree(path_)); }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace backstitch::testing
