#include "stores/database/private/scratch_cluster.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "stores/database/postgres/connection.h"
#include "stores/database/postgres/database.h"
#include "stores/database/private/server.h"

namespace backstitch::database {

Result<std::unique_ptr<ScratchCluster>> ScratchCluster::make(bool synced) {
  std::string folder = (std::filesystem::temp_directory_path() / "backstitch-scratch-XXXXXX").string();
  if (!::mkdtemp(folder.data())) return fail(Code::file_failed, "cannot make {}", folder);
  ::chmod(folder.c_str(), 0755);  // the user postgres passes through
  auto cluster = PrivateCluster::open({.data_folder = folder, .safe_folder = {}, .shared_buffers_mb_max = 256, .synced = synced});
  if (!cluster) {
    BS_TRY(remove_tree(folder));
    return fail(std::move(cluster.error()));
  }
  std::unique_ptr<ScratchCluster> scratch(new ScratchCluster(folder, std::move(*cluster)));
  BS_TRY(scratch->cluster_.start());
  return scratch;
}

ScratchCluster::~ScratchCluster() {
  // Nothing of it is wanted any more, so no step waits for another's success.
  static_cast<void>(stop_server(cluster_.folder(), "immediate"));
  static_cast<void>(cluster_.purge());
  static_cast<void>(remove_tree(folder_));
}

Result<std::unique_ptr<Database>> ScratchCluster::fresh(int partitions) {
  auto connection = Connection::open(cluster_.connection());
  if (!connection) return fail(std::move(connection.error()));
  BS_TRY(connection->execute("drop schema if exists backstitch cascade"));
  auto database = make_postgres_database({cluster_.connection()});
  BS_TRY(database->migrate());
  BS_TRY(database->set_epoch(1, true));
  BS_TRY(database->ensure_partitions(partitions));
  return database;
}

}  // namespace backstitch::database
