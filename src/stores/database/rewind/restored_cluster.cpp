#include "stores/database/rewind/restored_cluster.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/files.h"
#include "base/probe.h"
#include "stores/database/backup/restore.h"
#include "stores/database/history/records.h"
#include "stores/database/postgres/connection.h"
#include "stores/database/private/cluster.h"
#include "stores/database/private/server.h"
#include "stores/database/rewind/restore_checks.h"

namespace backstitch::database {
namespace {

/// Written last: what has it is whole. It holds the copy's name, so that one which a backup brought along says nothing.
std::string mark_of(const std::string& folder) { return folder + "/backstitch.restored"; }

/// Archiving is on without a command: nothing reaches the archive while it is a copy, and nothing is thrown away, so that its
/// timeline is archived from its first byte on once it is the live one. (Made with archiving off, PostgreSQL would never
/// archive the file that says where its timeline began.) Synced, since it is to be the live one.
CopySettings settings_of(const std::string& folder, const std::string& sockets) {
  return {folder, sockets, "shared_buffers = 256MB\nwal_compression = lz4\narchive_mode = on\narchive_command = ''\n"};
}

std::string recovery_of(const ClusterFolders& folders, const CheckedRestore& checked) {
  std::string text = fmt::format("restore_command = '{}'\nrecovery_target_timeline = '{}'\nrecovery_target_action = promote\n",
                                 restore_command(folders.wal), checked.timeline);
  if (checked.before)
    text += fmt::format("recovery_target_lsn = '{}'\nrecovery_target_inclusive = off\n", checked.before->place_text());
  return text;
}

/// "e…" is what a live one is called; the rest must stand in a configuration line and in the path of a socket.
Status check_name(const std::string& name) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; };
  if (name.empty() || name.size() > 40 || name.front() == 'e' || !std::all_of(name.begin(), name.end(), fits))
    return fail(Code::usage, "\"{}\" cannot be the name of a restored cluster", name);
  return {};
}

/// Without a target PostgreSQL takes the first record that it cannot read for the end of the archive.
Status read_to_the_end(const std::string& connection, const CheckedRestore& checked) {
  if (checked.before) return {};
  auto session = Connection::open(connection);
  if (!session) return fail(std::move(session.error()));
  const auto place = session->query("select (pg_current_wal_insert_lsn() - '0/0')::bigint");
  if (!place) return fail(place.error());
  if (WalArchive::segment_of(place->number(0, 0)) >= checked.last_segment) return {};
  return fail(Code::wal_missing, "the archived WAL is damaged: it cannot be read behind {}",
              Lsn{checked.timeline, place->number(0, 0)}.text());
}

Status recover(const ClusterFolders& folders, const CheckedRestore& checked, CopySettings settings) {
  settings.configuration += recovery_of(folders, checked);
  const Status recovered = recover_copy(folders, checked.backup.label, settings);
  if (recovered) return read_to_the_end(socket_connection(settings.sockets), checked);
  if (recovered.error().code != Code::target_out_of_range || !checked.before) return recovered;
  const std::string read = last_record_read(settings);
  if (checked.archive_goes_on || WalArchive::segment_of(parse_place(read)) < checked.last_segment)
    return fail(Code::wal_missing, "the archived WAL is damaged: it cannot be read behind {}, and {} was wanted", read,
                checked.before->text());
  return fail(Code::target_out_of_range, "{} lies behind the last record of the archive", checked.before->text());
}

}  // namespace

RestoredCluster::RestoredCluster(ClusterFolders folders, std::string name)
    : folders_(std::move(folders)),
      name_(std::move(name)),
      folder_(folders_.pg + "/" + name_),
      sockets_(folders_.sockets + "-" + name_) {}

RestoredCluster::~RestoredCluster() = default;

Result<std::unique_ptr<RestoredCluster>> RestoredCluster::restore(const ClusterFolders& folders, const std::string& name,
                                                                  const RestoreTarget& target, const Say& say) {
  BS_TRY(check_name(name));
  const auto checked = check_restore(folders, target, say);
  if (!checked) return fail(checked.error());
  std::unique_ptr<RestoredCluster> cluster(new RestoredCluster(folders, name));
  BS_TRY(cluster->remove());  // of a run that was killed
  if (say)
    say(fmt::format("restoring backup {} and the WAL behind it to {}", checked->backup.label,
                    checked->before ? checked->before->text() : "the end of the archive"));
  Status recovered = recover(folders, *checked, settings_of(cluster->folder_, cluster->sockets_));
  if (recovered) recovered = write_file_durably(mark_of(cluster->folder_), name);
  if (recovered) return cluster;
  BS_TRY(cluster->remove());
  return fail(std::move(recovered.error()));
}

Result<std::unique_ptr<RestoredCluster>> RestoredCluster::find(const ClusterFolders& folders, const std::string& name) {
  BS_TRY(check_name(name));
  std::unique_ptr<RestoredCluster> cluster(new RestoredCluster(folders, name));
  if (!file_exists(mark_of(cluster->folder_))) return std::unique_ptr<RestoredCluster>();
  const auto mark = read_file(mark_of(cluster->folder_));
  if (!mark) return fail(mark.error());
  if (*mark != name) cluster.reset();
  return cluster;
}

Status RestoredCluster::discard(const ClusterFolders& folders, const std::string& name) {
  BS_TRY(check_name(name));
  return RestoredCluster(folders, name).remove();
}

Status RestoredCluster::start() { return start_copy(settings_of(folder_, sockets_)); }

Status RestoredCluster::stop() { return stop_server(folder_, "fast"); }

std::string RestoredCluster::connection() const { return socket_connection(sockets_); }

Status RestoredCluster::become_live(std::uint64_t epoch) {
  const std::string live = epoch_folder(folders_, epoch);
  if (file_exists(folder_)) {
    if (file_exists(live)) return fail(Code::restore_failed, "there is a cluster {} already", live);
    hit(Probe::becoming_live);
    BS_TRY(stop());
    hit(Probe::becoming_live);
    std::error_code error;
    std::filesystem::rename(folder_, live, error);
    if (error) return fail(Code::restore_failed, "cannot rename {} to {}: {}", folder_, live, error.message());
    hit(Probe::becoming_live);
  }
  if (!file_exists(live + "/PG_VERSION")) return fail(Code::restore_failed, "neither {} nor {} is there", folder_, live);
  // Also of an earlier life's rename: the epoch that opens behind this line must not outlive the folder's name.
  BS_TRY(sync_folder(folders_.pg));
  hit(Probe::becoming_live);
  // What is left of the copy does no harm, and PrivateCluster::open() writes the configuration anew.
  BS_TRY(remove_tree(mark_of(live)));
  hit(Probe::becoming_live);
  BS_TRY(remove_tree(CopySettings{live, {}, {}}.log_file()));
  hit(Probe::becoming_live);
  BS_TRY(remove_tree(sockets_));
  hit(Probe::becoming_live);
  return {};
}

Status RestoredCluster::finish_becoming_live(const ClusterFolders& folders, const std::string& name, std::uint64_t epoch) {
  BS_TRY(check_name(name));
  return RestoredCluster(folders, name).become_live(epoch);
}

Status RestoredCluster::remove() { return remove_copy(settings_of(folder_, sockets_)); }

std::string epoch_folder(const ClusterFolders& folders, std::uint64_t epoch) {
  return fmt::format("{}/e{:04}", folders.pg, epoch);
}

}  // namespace backstitch::database
