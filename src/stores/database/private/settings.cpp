#include "stores/database/private/settings.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.h"

namespace backstitch::database {
namespace {

std::int64_t memory_mb() { return ::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGESIZE) / (1 << 20); }

}  // namespace

std::string archive_command(const std::string& wal_folder) {
  return fmt::format(
      "if [ -e \"{0}/%f\" ]; then cmp -s \"%p\" \"{0}/%f\"; "
      "else cp \"%p\" \"{0}/.%f.new\" && sync -d \"{0}/.%f.new\" && mv \"{0}/.%f.new\" \"{0}/%f\" && sync \"{0}\"; fi",
      wal_folder);
}

std::string cluster_configuration(const ClusterSettings& settings, const ClusterFolders& folders) {
  const std::int64_t buffers = std::clamp<std::int64_t>(memory_mb() / 4, 64, settings.shared_buffers_mb_max);
  const std::int64_t wal_mb = std::clamp<std::int64_t>(free_bytes(folders.pg) / (1 << 20) / 4, 256, 8192);
  return fmt::format(
      "# Written by backstitch at every start; own settings go below the include line of postgresql.conf.\n"
      "listen_addresses = ''\n"
      "port = 5432\n"
      "unix_socket_directories = '{}'\n"
      "unix_socket_permissions = 0700\n"
      "shared_buffers = {}MB\n"
      "max_wal_size = {}MB\n"
      "checkpoint_timeout = 10min\n"
      "wal_level = logical\n"
      "wal_compression = lz4\n"
      "default_toast_compression = lz4\n"
      "track_commit_timestamp = on\n"
      "archive_mode = on\n"
      "archive_timeout = {}\n"
      "archive_command = '{}'\n"
      // After a crash: one call for the whole file system in place of an fsync of each of a thousand files, which took 3 s.
      "recovery_init_sync_method = syncfs\n"
      "jit = off\n"
      "autovacuum_naptime = 15s\n"
      "timezone = 'UTC'\n"
      "log_timezone = 'UTC'\n"
      // Who wrote past the engine is read from the log (history/log_lines.h). PostgreSQL knows the number of a transaction while
      // a statement runs, not when it says how long it took: the statistics of the executor come in time. Our own sessions
      // switch both off (socket_connection).
      "log_line_prefix = '%m [%p] %q%u xid=%x '\n"
      "log_min_duration_statement = 0\n"
      "log_executor_stats = on\n"
      "{}",
      folders.sockets, buffers, wal_mb, settings.archive_timeout_s, archive_command(folders.wal),
      settings.synced ? "" : "fsync = off\n");
}

}  // namespace backstitch::database
