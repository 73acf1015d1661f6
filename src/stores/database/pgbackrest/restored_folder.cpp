#include "stores/database/pgbackrest/restored_folder.h"

#include <poll.h>

#include <filesystem>

#include "base/files.h"
#include "base/time.h"
#include "stores/database/backup/restore.h"
#include "stores/database/postgres/connection.h"
#include "stores/database/private/programs.h"
#include "stores/database/private/server.h"

namespace backstitch::database {
namespace {

constexpr std::int64_t recovery_timeout_s = 4 * 3'600, start_timeout_s = 600;

std::string conf_of(const RestoredFolder& at) { return at.folder + "/postgresql.conf"; }
std::string hba_of(const RestoredFolder& at) { return at.folder + "/backstitch-hba.conf"; }

/// What the server must be given at least to replay its own WAL, when its configuration was kept elsewhere (as Debian does).
Status supply_configuration(const RestoredFolder& at) {
  if (file_exists(conf_of(at))) return {};
  const auto program = postgres_program_for("pg_controldata", at.folder);
  if (!program) return fail(program.error());
  const auto control = run_as_server({*program, at.folder}, 60'000);
  if (!control) return fail(control.error());
  std::string text = "# Written by backstitch: the configuration of this cluster did not lie in its folder.\n";
  for (const char* name : {"max_connections", "max_worker_processes", "max_wal_senders", "max_locks_per_transaction"}) {
    const auto from = control->find(fmt::format("{} setting:", name));
    if (from != std::string::npos)
      text += fmt::format("{} = {}\n", name, std::atoi(control->c_str() + control->find(':', from) + 1));
  }
  text += "wal_level = replica\ntimezone = 'UTC'\n";
  return write_file_durably(conf_of(at), text);
}

/// Who can enter the folder of the socket is its server's user or root.
Status admit_maker(const RestoredFolder& at) { return write_file_durably(hba_of(at), "local all all trust\n"); }

std::string options_of(const RestoredFolder& at, const std::string& archive_command) {
  return fmt::format(
      "-c data_directory={0} -c hba_file={1} -c external_pid_file= -c listen_addresses= -c port=5432 -c "
      "unix_socket_directories={2} "
      "-c unix_socket_permissions=0700 -c ssl=off -c hot_standby=off -c logging_collector=off -c log_destination=stderr "
      "-c archive_mode=on -c archive_library= -c 'archive_command={3}' -c track_commit_timestamp=on -c primary_conninfo= "
      "-c recovery_init_sync_method=syncfs",
      at.folder, hba_of(at), at.sockets, archive_command);
}

Status start(const RestoredFolder& at, std::int64_t timeout_s, const std::string& archive_command) {
  if (is_served(at.folder)) return {};
  BS_TRY(make_server_folder(at.sockets));  // lost at a reboot
  BS_TRY(supply_configuration(at));
  BS_TRY(admit_maker(at));
  return start_server(at.folder, at.sockets, at.log_file(), timeout_s, options_of(at, archive_command));
}

}  // namespace

Status recover_folder(const RestoredFolder& at, const std::string& connection) {
  CopySettings settings{at.folder, at.sockets, {}};
  if (const Status started = start(at, recovery_timeout_s, ""); !started) return reason_of(settings, started.error());
  if (const Status promoted = await_promotion(settings, connection); !promoted) return reason_of(settings, promoted.error());
  return {};
}

Status start_folder(const RestoredFolder& at, const std::string& connection) {
  BS_TRY(start(at, start_timeout_s, ""));
  return await_server(at.folder, connection, start_timeout_s * 1000);
}

Status serve_folder(const RestoredFolder& at, const std::string& connection, const PgBackRest& tool) {
  BS_TRY(start(at, start_timeout_s, tool.archive_command(at.folder)));
  return await_server(at.folder, connection, start_timeout_s * 1000);
}

std::int64_t bytes_below(const std::string& folder) {
  std::int64_t sum = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->is_regular_file(error)) sum += static_cast<std::int64_t>(it->file_size(error));
  return sum;
}

std::vector<std::string> changes_of(const RestoredFolder& at) {
  std::vector<std::string> changes{
      fmt::format("it listens on the socket in {} alone, not where the other one does", at.sockets),
      "who may enter is said by the right to that folder; pg_hba.conf does not hold until somebody else serves it"};
  const std::string conf = read_file(conf_of(at)).value_or("");
  if (conf.starts_with("# Written by backstitch"))
    changes.emplace_back("its postgresql.conf lies elsewhere and was not restored: it runs with PostgreSQL's own settings");
  return changes;
}

}  // namespace backstitch::database
