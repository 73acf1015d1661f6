// The safe as a folder of files. Everything in it can be read with cat and grep.
//
//   epoch                              the fence, JSON
//   incoming/p07/000000000001.seg      archives and the turn mirror: lines with checksums (line.h), a new file every 16 MiB
//   completer/p07/…   turns/p07/…
//   catalogs/ evidence/ recoveries/    whole objects
//   backups/base backups/wal           written by PostgreSQL and the backup, not through this port
//
// Epoch and objects may be used by several processes at once. Each of incoming, completer and turns has one writing process,
// which holds its LOCK from its first write on (Code::already_running for another); any number may read.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "stores/safe/port.h"

namespace backstitch::safe {

struct FilesSettings {
  std::string folder;  // DIR/safe
  std::int64_t segment_bytes_max = 16ll << 20;
};

/// Makes the folder and {1, open} when they are missing. Code::safe_failed when the epoch file is missing in a used safe.
Result<std::unique_ptr<Safe>> open_files_safe(const FilesSettings& settings);
Result<std::unique_ptr<Safe>> open_files_safe(const std::string& folder);

}  // namespace backstitch::safe
