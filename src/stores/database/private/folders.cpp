#include "stores/database/private/folders.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "base/files.h"
#include "base/hash.h"
#include "stores/database/private/programs.h"

namespace backstitch::database {
namespace {

Result<std::string> absolute(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::weakly_canonical(std::filesystem::absolute(path), error);
  if (error) return fail(Code::file_failed, "{}: {}", path, error.message());
  std::string text = whole.string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  if (text.find_first_of("'\"\\%$`\n") != std::string::npos)
    return fail(Code::config_invalid,
                "{} holds a quote, backslash, dollar or percent sign, which PostgreSQL's archive command cannot carry", text);
  return text;
}

/// `place` itself, owned by the server's user, or a link at `place` to `elsewhere`. Returns where it really lies.
Result<std::string> make_at(const std::string& place, const std::string& elsewhere, bool reachable) {
  std::error_code error;
  if (std::filesystem::is_symlink(place, error)) {
    const std::string target = std::filesystem::read_symlink(place, error).string();
    BS_TRY(make_server_folder(target));
    return target;
  }
  if (reachable || file_exists(place)) {
    BS_TRY(make_server_folder(place));
    return place;
  }
  BS_TRY(make_server_folder(elsewhere));
  std::filesystem::create_directory_symlink(elsewhere, place, error);
  if (error) return fail(Code::file_failed, "cannot link {} to {}: {}", place, elsewhere, error.message());
  return elsewhere;
}

Status link_log(const ClusterFolders& folders) {
  BS_TRY(make_folders(folders.data_folder + "/log"));
  std::error_code error;
  const std::string link = folders.data_folder + "/log/postgres.log";
  if (std::filesystem::is_symlink(link, error)) return {};
  std::filesystem::create_symlink(folders.log_file(), link, error);
  if (error) return fail(Code::file_failed, "cannot link {}: {}", link, error.message());
  return {};
}

}  // namespace

std::string ClusterFolders::newest_epoch() const {
  std::string newest = "e0001";
  for (const std::string& name : list_folder(pg))
    if (name.starts_with('e') && file_exists(pg + "/" + name + "/PG_VERSION") && name > newest) newest = name;
  return pg + "/" + newest;
}

Result<ClusterFolders> make_cluster_folders(const std::string& data_folder, const std::string& safe_folder) {
  auto data = absolute(data_folder), safe = absolute(safe_folder);
  if (!data) return fail(std::move(data.error()));
  if (!safe) return fail(std::move(safe.error()));
  BS_TRY(make_folders(*data));
  BS_TRY(make_folders(*safe + "/backups"));
  ClusterFolders folders;
  folders.data_folder = *data;
  const std::string hash = sha256_hex(*data);
  folders.elsewhere = "/var/lib/backstitch/" + hash.substr(0, 16);
  folders.sockets = (::geteuid() == 0 ? "/run/backstitch-" : "/tmp/backstitch-") + hash.substr(0, 8);

  const bool reaches_data = server_reaches(*data), reaches_safe = server_reaches(*safe + "/backups");
  folders.out_of_reach = !reaches_data || !reaches_safe;
  if (folders.out_of_reach) BS_TRY(make_folders(folders.elsewhere));
  auto pg = make_at(*data + "/pg", folders.elsewhere + "/pg", reaches_data);
  if (!pg) return fail(std::move(pg.error()));
  folders.pg = *pg;
  for (auto [name, into] : {std::pair{"wal", &folders.wal}, std::pair{"base", &folders.base}}) {
    auto made = make_at(fmt::format("{}/backups/{}", *safe, name), fmt::format("{}/{}", folders.elsewhere, name), reaches_safe);
    if (!made) return fail(std::move(made.error()));
    *into = *made;
  }
  BS_TRY(link_log(folders));
  BS_TRY(make_socket_folder(folders));
  return folders;
}

Status make_socket_folder(const ClusterFolders& folders) { return make_server_folder(folders.sockets); }

Status remove_outside_folders(const ClusterFolders& folders) {
  BS_TRY(remove_tree(folders.sockets));
  return remove_tree(folders.elsewhere);
}

}  // namespace backstitch::database
