// A copy of the cluster at a place in its history, in a folder and on a socket of its own. It archives nothing.
#pragma once
#include <memory>
#include <string>

#include "base/error.h"
#include "stores/database/private/folders.h"

namespace backstitch::database {

/// Stops and removes itself with the object.
class RestoredCopy {
 public:
  /// Copies the base backup, replays the archived WAL to the named restore point (empty: to the end of the archive) and waits
  /// until it has left recovery. Code::restore_failed with the last words of its log.
  static Result<std::unique_ptr<RestoredCopy>> make(const ClusterFolders& folders, const std::string& label,
                                                    const std::string& point);
  ~RestoredCopy();
  RestoredCopy(const RestoredCopy&) = delete;
  RestoredCopy& operator=(const RestoredCopy&) = delete;
  std::string connection() const;
  std::string folder() const { return folder_; }

 private:
  RestoredCopy(std::string folder, std::string sockets) : folder_(std::move(folder)), sockets_(std::move(sockets)) {}
  Status await_promotion(std::int64_t timeout_ms) const;
  std::string folder_, sockets_;
};

}  // namespace backstitch::database
