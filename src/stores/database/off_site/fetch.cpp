// Back from the second place into the folders that everything else reads.
#include <algorithm>

#include "base/files.h"
#include "stores/database/backup/note.h"
#include "stores/database/backup/restore.h"
#include "stores/database/history/archive.h"
#include "stores/database/off_site/names.h"
#include "stores/database/off_site/off_site.h"
#include "stores/database/off_site/packed_folder.h"
#include "stores/database/private/programs.h"

namespace backstitch::database {
namespace {

constexpr std::int64_t segment_bytes = 16 << 20;

/// Of a segment, whatever timeline: its place. Others (history files, marks of backups) are small and always wanted.
bool lies_before(const std::string& name, const Lsn& begin) {
  const auto segment = WalArchive::begin_of_file(name);
  return segment && WalArchive::segment_of(segment->place) < WalArchive::segment_of(begin.place);
}

bool is_here(const ClusterFolders& folders, const std::string& label) {
  return file_exists(folders.base + "/" + label + ".json") && file_exists(folders.base + "/" + label + "/backup_manifest");
}

}  // namespace

Result<OffSite::Wanted> OffSite::wanted(Time until) {
  const auto kept = backups();
  if (!kept) return fail(kept.error());
  if (kept->empty()) return fail(Code::backup_not_found, "the safe holds no base backup");
  if (file_exists(folders_.newest_epoch() + "/PG_VERSION")) BS_TRY(same_cluster());
  const auto newest =
      std::find_if(kept->rbegin(), kept->rend(), [&](const Kept& one) { return !until.is_set() || one.info.ended_at <= until; });
  if (newest == kept->rend())
    return fail(Code::target_out_of_range, "no base backup in the safe is older than {}; the oldest ended at {}", rfc3339(until),
                rfc3339(kept->front().info.ended_at));
  const auto begin = Lsn::parse(newest->info.start_lsn);
  if (!begin) return fail(begin.error());
  Wanted wanted{*newest, is_here(folders_, newest->info.label), {}};
  for (const std::string& name : wal_)
    if (!lies_before(name, *begin) && !file_exists(folders_.wal + "/" + name)) wanted.wal.push_back(name);
  return wanted;
}

Result<OffSite::Count> OffSite::fetch(const Wanted& wanted, const std::function<void(const std::string&)>& say) {
  const auto wal_bytes = static_cast<std::int64_t>(wanted.wal.size()) * segment_bytes;
  const std::int64_t needed = wal_bytes + (wanted.backup_is_here ? 0 : wanted.backup.info.bytes);
  if (const std::int64_t free = free_bytes(folders_.base); free < needed)
    return fail(Code::disk_full, "{} MiB are to be brought, {} has {} MiB", needed >> 20, folders_.base, free >> 20);
  Count count;
  for (const std::string& name : wanted.wal) {
    BS_TRY(fetch_segment(name));
    count.bytes += segment_bytes;
    if (++count.segments % 64 == 0) say(fmt::format("{} of {} files of WAL", count.segments, wanted.wal.size()));
  }
  if (wanted.backup_is_here) return count;
  const auto alone = FolderLock::take(folders_.base + "/.LOCK");  // as a backup that is being taken
  if (!alone) return fail(alone.error());
  BS_TRY(fetch_backup(wanted.backup, say));
  ++count.backups, count.bytes += wanted.backup.info.bytes;
  return count;
}

Status OffSite::fetch_segment(const std::string& name) {
  const auto packed = safe_.get(off_site_file(name));
  if (!packed) return fail(packed.error());
  const auto content = decompressed(*packed);
  if (!content) return fail(content.error().code, "{}: {}", name, content.error().detail);
  return write_file_durably(folders_.wal + "/" + name, *content);  // the server reads it, and compares before it archives
}

/// Every file against the manifest that PostgreSQL wrote, before it is listed.
Status OffSite::fetch_backup(const Kept& kept, const std::function<void(const std::string&)>& say) {
  const std::string& label = kept.info.label;
  const std::string half = ".fetched-" + label, folder = folders_.base + "/" + half;
  BS_TRY(remove_tree(folder));
  BS_TRY(make_server_folder(folder));
  say(fmt::format("base backup {}, {} MiB", label, kept.info.bytes >> 20));
  BS_TRY(unpack_folder(folder, kept.pieces, [&](int number) {
    if (number > 0 && number % 16 == 0) say(fmt::format("{} of {} pieces", number, kept.pieces));
    return safe_.get(off_site_piece(label, number));
  }));
  BS_TRY(verify_backup(folders_, half));
  BS_TRY(remove_tree(folders_.base + "/" + label));  // of which no note is left
  if (::rename(folder.c_str(), (folders_.base + "/" + label).c_str()) != 0)
    return fail(Code::file_failed, "cannot rename {}", folder);
  return write_file_durably(folders_.base + "/" + label + ".json", note_text(kept.info));
}

}  // namespace backstitch::database
