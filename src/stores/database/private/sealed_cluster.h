// The live cluster after its platform has stopped, served again for a while to its opener alone: on a socket that nobody else can
// enter, so that whoever wrote past the engine is shut out while evidence is taken from it.
#pragma once
#include <memory>
#include <string>

#include "base/error.h"
#include "stores/database/backup/provider.h"
#include "stores/database/private/cluster.h"

namespace backstitch::database {

/// Stops the server with the object.
class SealedCluster : public LeftDatabase {
 public:
  /// Stops what serves the live folder, whoever it is connected to, and starts it again on a private socket. Archiving goes on.
  /// Code::database_start when it does not start any more (it is damaged).
  static Result<std::unique_ptr<SealedCluster>> open(const ClusterFolders& folders, const ClusterSettings& settings);
  ~SealedCluster() override;
  SealedCluster(const SealedCluster&) = delete;
  SealedCluster& operator=(const SealedCluster&) = delete;

  std::string connection() const override;
  /// A clean stop; everything that was written is in the archive then.
  Status archive_rest(std::int64_t timeout_ms) override;
  Status stop() override;

 private:
  SealedCluster(std::string folder, std::string sockets, std::string wal)
      : folder_(std::move(folder)), sockets_(std::move(sockets)), wal_(std::move(wal)) {}
  std::string folder_, sockets_, wal_;
};

}  // namespace backstitch::database
