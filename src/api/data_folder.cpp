#include "api/data_folder.h"

#include "api/open_stores.h"
#include "base/files.h"
#include "stores/database/private/folders.h"

namespace backstitch {
namespace {

constexpr const char* data_version = "1\n";

}  // namespace

Status mark_data_folder(const std::string& data) {
  BS_TRY(make_folders(data));
  const std::string version_file = data + "/VERSION";
  if (!file_exists(version_file)) BS_TRY(write_file_durably(version_file, data_version));
  auto version = read_file(version_file);
  if (!version) return fail(std::move(version.error()));
  if (*version != data_version) return fail(Code::environment, "{} was written by version {}", data, *version);
  return {};
}

Status refuse_lost_database(const Config& config) {
  if (config.external_database()) return {};
  const auto folders = database::make_cluster_folders(config.data, config.safe());
  if (!folders) return fail(folders.error());
  if (file_exists(folders->newest_epoch() + "/PG_VERSION")) return {};
  const auto safe = open_safe(config);
  if (!safe) return fail(safe.error());
  std::uint64_t turns = 0;
  for (Partition partition = 0; partition < config.partitions; ++partition) {
    const auto mirrored = (*safe)->mirrored_turn(partition);
    if (!mirrored) return fail(mirrored.error());
    turns += *mirrored;
  }
  if (turns == 0) return {};
  return fail(Code::database_start,
              "{} holds no cluster, and the safe knows {} turns of it: the database is gone. It comes back by recover plan --to "
              "latest and recover start{}",
              folders->pg, turns,
              (*safe)->folder().empty() ? "; where its backups are gone, too, backup fetch brings them first" : "");
}

}  // namespace backstitch
