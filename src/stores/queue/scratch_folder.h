// A folder for one test, gone with it.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/assert.h"

namespace backstitch::queue {

class ScratchFolder {
 public:
  ScratchFolder() : path_((std::filesystem::temp_directory_path() / "backstitch-queue-XXXXXX").string()) {
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
  std::string path_;
};

}  // namespace backstitch::queue
