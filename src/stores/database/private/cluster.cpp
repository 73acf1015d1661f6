#include "stores/database/private/cluster.h"

#include "base/files.h"
#include "stores/database/private/server.h"

namespace backstitch::database {

Result<PrivateCluster> PrivateCluster::open(ClusterSettings settings) {
  if (settings.safe_folder.empty()) settings.safe_folder = settings.data_folder + "/safe";
  auto folders = make_cluster_folders(settings.data_folder, settings.safe_folder);
  if (!folders) return fail(std::move(folders.error()));
  PrivateCluster cluster(std::move(settings), std::move(*folders));
  cluster.folder_ = cluster.folders_.newest_epoch();
  if (!file_exists(cluster.folder_ + "/PG_VERSION")) BS_TRY(make_cluster(cluster.folder_));
  if (postmaster_of(cluster.folder_) == 0)
    BS_TRY(write_configuration(cluster.folder_, cluster_configuration(cluster.settings_, cluster.folders_)));
  return cluster;
}

Status PrivateCluster::start() {
  BS_TRY(make_socket_folder(folders_));
  // Who served the folder to himself alone was killed: his server stands where nobody would find it.
  if (const std::string sockets = socket_folder_of(folder_); !sockets.empty() && sockets != folders_.sockets) {
    BS_TRY(stop_server(folder_, "fast"));
    BS_TRY(write_configuration(folder_, cluster_configuration(settings_, folders_)));
  }
  BS_TRY(start_server(folder_, folders_.sockets, folders_.log_file(), 600));
  return await_server(folder_, connection(), 600'000);
}

Status PrivateCluster::stop() { return stop_server(folder_, "fast"); }

bool PrivateCluster::is_alive() const { return postmaster_of(folder_) != 0; }

int PrivateCluster::postmaster() const { return postmaster_of(folder_); }

std::string PrivateCluster::connection() const { return socket_connection(folders_.sockets); }

std::string PrivateCluster::notice() const {
  if (!folders_.out_of_reach) return {};
  return fmt::format("the user postgres cannot reach {}; the cluster lies in {} and is linked from there", folders_.data_folder,
                     folders_.elsewhere);
}

Status PrivateCluster::purge() { return remove_outside_folders(folders_); }

std::string socket_connection(const std::string& socket_folder) {
  return fmt::format(
      "host={} port=5432 user=postgres dbname=postgres connect_timeout=5 application_name=backstitch"
      " options='-c log_min_duration_statement=-1 -c log_executor_stats=off'",
      socket_folder);
}

}  // namespace backstitch::database
