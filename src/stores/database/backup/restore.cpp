#include "stores/database/backup/restore.h"

#include <poll.h>

#include "base/files.h"
#include "base/time.h"
#include "stores/database/postgres/connection.h"
#include "stores/database/private/cluster.h"
#include "stores/database/private/programs.h"
#include "stores/database/private/server.h"

namespace backstitch::database {
namespace {

constexpr std::int64_t restore_timeout_ms = 4 * 3'600'000;

std::string configuration_of(const CopySettings& settings) {
  return fmt::format(
      "# A copy at a place in history.\nport = 5432\nunix_socket_permissions = 0700\nmax_wal_size = 1GB\nwal_level = logical\n"
      "track_commit_timestamp = on\njit = off\ntimezone = 'UTC'\nhot_standby = on\nrecovery_init_sync_method = syncfs\n{}",
      settings.configuration);
}

/// What nobody's own lines in postgresql.conf may change: who can reach the copy, and that it sends nothing to the archive.
std::string command_line_of(const CopySettings& settings) {
  return fmt::format("-c listen_addresses= -c unix_socket_directories={} -c archive_command=", settings.sockets);
}

Status start(const CopySettings& settings) {
  return start_server(settings.folder, settings.sockets, settings.log_file(), restore_timeout_ms / 1000,
                      command_line_of(settings));
}

std::string last_words(const std::string& text) { return text.substr(text.size() > 600 ? text.size() - 600 : 0); }

bool disk_was_full(const std::string& words) { return words.find("No space left on device") != std::string::npos; }

}  // namespace

tl::unexpected<Error> reason_of(const CopySettings& settings, const Error& error) {
  const std::string log = read_file(settings.log_file()).value_or("");
  Code code = Code::restore_failed;
  if (disk_was_full(log))
    code = Code::disk_full;
  else if (log.find("recovery ended before configured recovery target was reached") != std::string::npos)
    return fail(Code::target_out_of_range, "the archived WAL ended before the target was reached");
  else if (log.find("from archive: child process exited") != std::string::npos || log.find("has wrong size") != std::string::npos)
    code = Code::wal_missing;
  return fail(code, "{}; its log ends with: {}", error.detail, last_words(log));
}

Status await_promotion(const CopySettings& settings, const std::string& connection) {
  const std::int64_t deadline_ms = monotonic_ms() + restore_timeout_ms;
  for (;;) {
    const bool up = takes_connections(connection);
    auto session = Connection::open(connection);
    if (session) {
      const auto recovering = session->query("select pg_is_in_recovery()");
      if (recovering && !recovering->boolean(0, 0)) return {};
    } else if (up && takes_connections(connection)) {  // it serves, but not us: the database itself is damaged
      return fail(Code::restore_failed, "{}", session.error().detail);
    }
    if (postmaster_of(settings.folder) == 0) return fail(Code::restore_failed, "the copy stopped by itself");
    if (monotonic_ms() > deadline_ms) return fail(Code::restore_failed, "the copy was not done within {} ms", restore_timeout_ms);
    ::poll(nullptr, 0, 20);
  }
}

std::string restore_command(const std::string& wal_folder) {
  return fmt::format(
      "if [ -e \"{0}/%f\" ]; then cp \"{0}/%f\" \"%p\" || exit 200; "
      "else names=$(ls -1 \"{0}\") || exit 201; echo \"$names\" | grep -qxF \"%f\"; [ $? -eq 1 ] && exit 1; exit 202; fi",
      wal_folder);
}

Status verify_backup(const ClusterFolders& folders, const std::string& label) {
  const auto verify = postgres_program("pg_verifybackup");
  if (!verify) return fail(verify.error());
  // Bits may have turned since the backup was made. -n: the WAL is not in the backup but in the archive.
  const auto intact = run_as_server({*verify, "-q", "-n", folders.base + "/" + label}, restore_timeout_ms);
  if (!intact) return fail(Code::restore_failed, "{}", intact.error().detail);
  return {};
}

Status recover_copy(const ClusterFolders& folders, const std::string& label, const CopySettings& settings) {
  BS_TRY(make_server_folder(settings.sockets));
  // From inside the folder, so that whoever removes it after a kill sees that somebody is still at work in it.
  BS_TRY(make_server_folder(settings.folder));
  const auto copied =
      run_as_server({"cp", "-a", "--reflink=auto", folders.base + "/" + label + "/.", "."}, restore_timeout_ms, settings.folder);
  if (!copied)
    return fail(disk_was_full(copied.error().detail) ? Code::disk_full : Code::restore_failed, "{}", copied.error().detail);
  BS_TRY(write_configuration(settings.folder, configuration_of(settings)));
  BS_TRY(write_file_durably(settings.folder + "/recovery.signal", ""));
  if (const Status started = start(settings); !started) return reason_of(settings, started.error());
  if (const Status promoted = await_promotion(settings, socket_connection(settings.sockets)); !promoted)
    return reason_of(settings, promoted.error());
  return {};
}

std::string last_record_read(const CopySettings& settings) {
  constexpr std::string_view words = "redo done at ";
  const std::string log = read_file(settings.log_file()).value_or("");
  const auto found = log.rfind(words);
  if (found == std::string::npos) return {};
  const auto from = found + words.size();
  return log.substr(from, log.find(' ', from) - from);
}

Status start_copy(const CopySettings& settings) {
  BS_TRY(make_server_folder(settings.sockets));  // lost at a reboot
  if (!is_served(settings.folder)) {
    BS_TRY(write_configuration(settings.folder, configuration_of(settings)));
    BS_TRY(start(settings));
  }
  return await_server(settings.folder, socket_connection(settings.sockets), 600'000);
}

Status remove_copy(const CopySettings& settings) {
  BS_TRY(stop_server(settings.folder, "immediate"));
  BS_TRY(await_leaving(settings.folder));
  BS_TRY(remove_tree(settings.folder));
  return remove_tree(settings.sockets);
}

Result<std::unique_ptr<RestoredCopy>> RestoredCopy::make(const ClusterFolders& folders, const std::string& label,
                                                         const std::string& point) {
  // Without fsync: it is thrown away, and a crash of the machine throws it away too.
  CopySettings settings{folders.pg + "/.copy-" + label, folders.sockets + "-copy",
                        fmt::format("shared_buffers = 128MB\nfsync = off\narchive_mode = off\nrestore_command = '{}'\n"
                                    "recovery_target_action = promote\n",
                                    restore_command(folders.wal))};
  if (!point.empty()) settings.configuration += fmt::format("recovery_target_name = '{}'\n", point);
  std::unique_ptr<RestoredCopy> copy(new RestoredCopy(settings));
  BS_TRY(remove_copy(settings));  // of a run that was killed
  BS_TRY(verify_backup(folders, label));
  if (auto recovered = recover_copy(folders, label, settings); !recovered)
    return fail(Code::restore_failed, "{}", recovered.error().detail);
  return copy;
}

RestoredCopy::~RestoredCopy() {
  // Nothing of it is wanted any more, so no step waits for another's success.
  static_cast<void>(stop_server(settings_.folder, "immediate"));
  static_cast<void>(remove_tree(settings_.folder));
  static_cast<void>(remove_tree(settings_.sockets));
}

std::string RestoredCopy::connection() const { return socket_connection(settings_.sockets); }

}  // namespace backstitch::database
