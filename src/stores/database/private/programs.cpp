#include "stores/database/private/programs.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/files.h"

namespace backstitch::database {

Result<std::string> postgres_program(const std::string& name) {
  for (const char* version : {"15", "16", "17"}) {
    std::string path = fmt::format("/usr/lib/postgresql/{}/bin/{}", version, name);
    if (file_exists(path)) return path;
  }
  return fail(Code::environment, "PostgreSQL's program {} is not in /usr/lib/postgresql/15/bin (package postgresql-15)", name);
}

Result<std::string> postgres_program_of(const std::string& name, const std::string& version) {
  std::string path = fmt::format("/usr/lib/postgresql/{}/bin/{}", version, name);
  if (file_exists(path)) return path;
  return fail(Code::environment, "PostgreSQL's program {} is wanted (package postgresql-{})", path, version);
}

Result<std::string> postgres_program_for(const std::string& name, const std::string& folder) {
  std::string version = read_file(folder + "/PG_VERSION").value_or("");
  while (version.ends_with('\n')) version.pop_back();
  return version.empty() ? postgres_program(name) : postgres_program_of(name, version);
}

std::string server_user() { return ::geteuid() == 0 ? "postgres" : ""; }

Result<std::string> run_as_server(std::vector<std::string> argv, std::int64_t timeout_ms, const std::string& folder) {
  Command command;
  const std::string name = argv.empty() ? "" : argv.front();
  command.argv = std::move(argv);
  command.user = server_user();
  command.folder = folder.empty() ? "/" : folder;  // ours may be out of that user's reach
  // Nobody waits for it any more when we are killed, and whoever goes on in our place must not meet it at work.
  command.die_with_parent = true;
  command.env = {{"LC_ALL", "C"}, {"TZ", "UTC"}};
  auto finished = run(command, timeout_ms);
  if (!finished) return fail(std::move(finished.error()));
  if (finished->exit_status == 0) return finished->out;
  const std::string& words = finished->err.empty() ? finished->out : finished->err;
  return fail(Code::process_failed, "{} ended with status {}: {}", name, finished->exit_status,
              words.substr(words.size() > 2000 ? words.size() - 2000 : 0));
}

Status make_server_folder(const std::string& path, int mode) {
  BS_TRY(make_folders(path));
  if (::geteuid() == 0) {
    const passwd* user = ::getpwnam("postgres");
    if (!user) return fail(Code::environment, "there is no user postgres (package postgresql-15 makes it)");
    if (::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0)
      return fail(Code::file_failed, "cannot give {} to postgres: {}", path, std::strerror(errno));
  }
  if (::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0)
    return fail(Code::file_failed, "cannot set the mode of {}: {}", path, std::strerror(errno));
  return {};
}

bool server_reaches(const std::string& folder) { return run_as_server({"test", "-x", folder}, 10'000).has_value(); }

}  // namespace backstitch::database
