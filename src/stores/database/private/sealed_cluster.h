// The live cluster after its platform has stopped, served again for a while to its opener alone: on a socket that nobody else can
// enter, so that whoever wrote past the engine is shut out while evidence is taken from it.
#pragma once
#include <memory>
#include <string>

#include "base/error.h"
#include "stores/database/private/cluster.h"

namespace backstitch::database {

/// Stops the server with the object.
class SealedCluster {
 public:
  /// Stops what serves the live folder, whoever it is connected to, and starts it again on a private socket. Archiving goes on.
  /// Code::database_start when it does not start any more (it is damaged).
  static Result<std::unique_ptr<SealedCluster>> open(const ClusterFolders& folders, const ClusterSettings& settings);
  ~SealedCluster();
  SealedCluster(const SealedCluster&) = delete;
  SealedCluster& operator=(const SealedCluster&) = delete;

  std::string connection() const;
  /// A clean stop; everything that was written is in the archive then.
  Status stop();

 private:
  explicit SealedCluster(std::string folder, std::string sockets) : folder_(std::move(folder)), sockets_(std::move(sockets)) {}
  std::string folder_, sockets_;
};

}  // namespace backstitch::database
