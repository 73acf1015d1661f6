// Where the private cluster's folders lie. PostgreSQL runs as its own user; when that user cannot reach the data folder (a
// clone under a home folder of mode 0700), they lie in /var/lib/backstitch/<hash of DIR> and links stand in their places.
#pragma once
#include <string>

#include "base/error.h"

namespace backstitch::database {

struct ClusterFolders {
  std::string data_folder;  // DIR, absolute
  std::string pg;           // DIR/pg or where its link points to: e0001, e0002 …, postgres.log
  std::string wal;          // archived WAL, of the safe
  std::string base;         // base backups, of the safe
  std::string sockets;      // /run/backstitch-<hash8 of DIR>
  std::string elsewhere;    // /var/lib/backstitch/<hash of DIR>; made only when needed
  bool out_of_reach = false;

  std::string log_file() const { return pg + "/postgres.log"; }
  /// The newest epoch's folder ("…/pg/e0001"); the first one's name when there is none yet.
  std::string newest_epoch() const;
};

/// Makes all folders and links. Code::config_invalid for a path that cannot stand in a shell command or a configuration line.
Result<ClusterFolders> make_cluster_folders(const std::string& data_folder, const std::string& safe_folder);

/// The folder of sockets is lost at a reboot.
Status make_socket_folder(const ClusterFolders& folders);

/// Removes what lies outside DIR and the safe.
Status remove_outside_folders(const ClusterFolders& folders);

}  // namespace backstitch::database
