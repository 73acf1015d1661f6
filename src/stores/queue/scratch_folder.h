// A folder for one test, gone with it.
#pragma once
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/assert.h"
#include "base/files.h"

namespace backstitch::queue {

class ScratchFolder {
 public:
  ScratchFolder() : path_(base() + "/backstitch-queue-XXXXXX") {
    BS_ASSERT(::mkdtemp(path_.data()) != nullptr, "a test needs a scratch folder");
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  /// Memory when there is plenty: what a test asks of a sync does not depend on the speed of the disk.
  static std::string base() {
    const std::string memory = "/dev/shm";
    const bool plenty = free_bytes(memory) > std::int64_t{1} << 30 && ::access(memory.c_str(), W_OK) == 0;
    return plenty ? memory : std::filesystem::temp_directory_path().string();
  }
  std::string path_;
};

}  // namespace backstitch::queue
