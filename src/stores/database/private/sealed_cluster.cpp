#include "stores/database/private/sealed_cluster.h"

#include "base/files.h"
#include "stores/database/backup/measure.h"
#include "stores/database/private/programs.h"
#include "stores/database/private/server.h"

namespace backstitch::database {

Result<std::unique_ptr<SealedCluster>> SealedCluster::open(const ClusterFolders& folders, const ClusterSettings& settings) {
  ClusterFolders own = folders;
  own.sockets = folders.sockets + "-sealed";
  std::unique_ptr<SealedCluster> cluster(new SealedCluster(folders.newest_epoch(), own.sockets, folders.wal));
  if (!file_exists(cluster->folder_ + "/PG_VERSION")) return fail(Code::database_start, "{} holds no cluster", cluster->folder_);
  BS_TRY(stop_server(cluster->folder_, "fast"));
  BS_TRY(make_server_folder(own.sockets));
  BS_TRY(write_configuration(cluster->folder_, cluster_configuration(settings, own)));
  BS_TRY(start_server(cluster->folder_, own.sockets, own.log_file(), 600));
  BS_TRY(await_server(cluster->folder_, cluster->connection(), 600'000));
  return cluster;
}

SealedCluster::~SealedCluster() { static_cast<void>(stop()); }

std::string SealedCluster::connection() const { return socket_connection(sockets_); }

Status SealedCluster::archive_rest(std::int64_t timeout_ms) { return archive_now(connection(), wal_, timeout_ms); }

Status SealedCluster::stop() {
  BS_TRY(stop_server(folder_, "fast"));
  return remove_tree(sockets_);
}

}  // namespace backstitch::database
