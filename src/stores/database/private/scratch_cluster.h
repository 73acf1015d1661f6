// A private cluster in a folder of its own that goes away with the object: for tests, benches and rehearsals.
#pragma once
#include <memory>
#include <string>

#include "stores/database/port.h"
#include "stores/database/private/cluster.h"

namespace backstitch::database {

class ScratchCluster {
 public:
  /// In a new folder of the system's temporary one, started. Code::database_start. `synced` is for benches: without it nothing
  /// waits for the disk, which no test can see.
  static Result<std::unique_ptr<ScratchCluster>> make(bool synced = false);
  ~ScratchCluster();
  ScratchCluster(const ScratchCluster&) = delete;
  ScratchCluster& operator=(const ScratchCluster&) = delete;

  PrivateCluster& cluster() { return cluster_; }
  std::string folder() const { return folder_; }  // DIR
  std::string safe_folder() const { return folder_ + "/safe"; }
  /// The database in a fresh state: migrated, epoch 1 open, with this many partitions; what was there before is gone.
  Result<std::unique_ptr<Database>> fresh(int partitions);

 private:
  ScratchCluster(std::string folder, PrivateCluster cluster) : folder_(std::move(folder)), cluster_(std::move(cluster)) {}
  std::string folder_;
  PrivateCluster cluster_;
};

}  // namespace backstitch::database
