// The private cluster's configuration (docs/reference/data-model.md has the figures behind it).
#pragma once
#include <cstdint>
#include <string>

#include "stores/database/private/folders.h"

namespace backstitch::database {

struct ClusterSettings {
  std::string data_folder;                    // DIR
  std::string safe_folder;                    // empty: DIR/safe
  std::int64_t shared_buffers_mb_max = 4096;  // a quarter of the machine's memory, at most this
  std::int64_t archive_timeout_s = 60;
  bool synced = true;  // false only for what is thrown away: a killed process loses nothing, a power cut everything
};

/// Text of backstitch.conf, which postgresql.conf includes.
std::string cluster_configuration(const ClusterSettings& settings, const ClusterFolders& folders);

/// The archive command: a segment that is there already with the same bytes is a success, because PostgreSQL asks again
/// after a crash between the rename and its own note of it; with other bytes it fails, loudly and for ever.
std::string archive_command(const std::string& wal_folder);

}  // namespace backstitch::database
