// WAL out of pgBackRest's archive, in a folder of ours for as long as somebody reads it. The tool itself decrypts, decompresses
// and checks it.
#pragma once
#include <memory>
#include <string>

#include "stores/database/backup/provider.h"
#include "stores/database/pgbackrest/tool.h"

namespace backstitch::database {

class BroughtWal {
 public:
  struct Asked {
    Lsn from;
    std::string last;      // segment: "000000010000000000000005"; its timeline's line is brought
    std::string cluster;   // a folder with this cluster's pg_control; empty: the one that the tool is configured for
    std::string backup;    // label of one that has pg_control where there is no such folder
    std::string database;  // the one of the cluster that is ours
  };
  /// An empty folder below `pg`, which the server's user can reach. What a killed one left there goes.
  static Result<std::shared_ptr<BroughtWal>> make(const std::string& pg);
  ~BroughtWal();
  BroughtWal(const BroughtWal&) = delete;
  BroughtWal& operator=(const BroughtWal&) = delete;
  const std::string& folder() const { return folder_; }

  /// All of it lies in the folder when it returns; what does already is not asked for again. Code::disk_full before anything is
  /// brought, wal_missing names the first segment that the archive lacks, target_out_of_range when `from` is not on that line.
  Status bring(const PgBackRest& tool, const Asked& asked, const BackupProvider::Say& say);

 private:
  explicit BroughtWal(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

}  // namespace backstitch::database
