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

/// Without fsync: it is thrown away, and a crash of the machine throws it away too.
std::string copy_configuration(const ClusterFolders& folders, const std::string& sockets, const std::string& point) {
  std::string text = fmt::format(
      "listen_addresses = ''\nport = 5432\nunix_socket_directories = '{}'\nunix_socket_permissions = 0700\n"
      "shared_buffers = 128MB\nmax_wal_size = 1GB\nwal_level = logical\ntrack_commit_timestamp = on\njit = off\ntimezone = "
      "'UTC'\n"
      "fsync = off\narchive_mode = off\nrestore_command = 'cp \"{}/%f\" \"%p\"'\nrecovery_target_action = promote\n",
      sockets, folders.wal);
  if (!point.empty()) text += fmt::format("recovery_target_name = '{}'\n", point);
  return text;
}

std::string last_words(const std::string& log) {
  const std::string text = read_file(log).value_or("");
  return text.substr(text.size() > 600 ? text.size() - 600 : 0);
}

}  // namespace

Result<std::unique_ptr<RestoredCopy>> RestoredCopy::make(const ClusterFolders& folders, const std::string& label,
                                                         const std::string& point) {
  std::unique_ptr<RestoredCopy> copy(new RestoredCopy(folders.pg + "/.copy-" + label, folders.sockets + "-copy"));
  BS_TRY(stop_server(copy->folder_, "immediate"));  // of a run that was killed
  BS_TRY(remove_tree(copy->folder_));
  BS_TRY(make_server_folder(copy->sockets_));
  const auto verify = postgres_program("pg_verifybackup");
  if (!verify) return fail(verify.error());
  // Bits may have turned since the backup was made. -n: the WAL is not in the backup but in the archive.
  const auto intact = run_as_server({*verify, "-q", "-n", folders.base + "/" + label}, restore_timeout_ms);
  if (!intact) return fail(Code::restore_failed, "{}", intact.error().detail);
  const auto copied =
      run_as_server({"cp", "-a", "--reflink=auto", folders.base + "/" + label, copy->folder_}, restore_timeout_ms);
  if (!copied) return fail(Code::restore_failed, "{}", copied.error().detail);
  BS_TRY(write_configuration(copy->folder_, copy_configuration(folders, copy->sockets_, point)));
  BS_TRY(write_file_durably(copy->folder_ + "/recovery.signal", ""));
  const std::string log = copy->folder_ + "/restore.log";
  if (auto started = start_server(copy->folder_, copy->sockets_, log, restore_timeout_ms / 1000); !started)
    return fail(Code::restore_failed, "{}", started.error().detail);
  if (auto promoted = copy->await_promotion(restore_timeout_ms); !promoted)
    return fail(Code::restore_failed, "{}; its log ends with: {}", promoted.error().detail, last_words(log));
  return copy;
}

/// PostgreSQL says "started" as soon as it takes read-only sessions; the restore is done when it has left recovery.
Status RestoredCopy::await_promotion(std::int64_t timeout_ms) const {
  const std::int64_t deadline_ms = monotonic_ms() + timeout_ms;
  for (;;) {
    const bool up = takes_connections(connection());
    auto session = Connection::open(connection());
    if (session) {
      const auto recovering = session->query("select pg_is_in_recovery()");
      if (recovering && !recovering->boolean(0, 0)) return {};
    } else if (up && takes_connections(connection())) {  // it serves, but not us: the database itself is damaged
      return fail(Code::restore_failed, "{}", session.error().detail);
    }
    if (postmaster_of(folder_) == 0) return fail(Code::restore_failed, "the copy stopped by itself");
    if (monotonic_ms() > deadline_ms) return fail(Code::restore_failed, "the copy was not done within {} ms", timeout_ms);
    ::poll(nullptr, 0, 20);
  }
}

RestoredCopy::~RestoredCopy() {
  // Nothing of it is wanted any more, so no step waits for another's success.
  static_cast<void>(stop_server(folder_, "immediate"));
  static_cast<void>(remove_tree(folder_));
  static_cast<void>(remove_tree(sockets_));
}

std::string RestoredCopy::connection() const { return socket_connection(sockets_); }

}  // namespace backstitch::database
