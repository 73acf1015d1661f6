#include "stores/database/history/history.h"

#include <algorithm>

#include "stores/database/backup/backup.h"
#include "stores/database/history/archive.h"

namespace backstitch::database {
namespace {

Commit commit_of(const WalArchive& archive, const WalRecord& record) {
  return {{archive.timeline_at(record.place), record.place}, record.at, record.xid};
}

/// The last commit before this place, segment by segment backwards as far as there are any.
Result<std::optional<Commit>> last_before(const WalArchive& archive, std::uint64_t end) {
  std::optional<Commit> found;
  const std::uint64_t behind = WalArchive::segment_of(end - 1) + 1;
  for (std::uint64_t segment = behind; !found && segment-- > archive.first() && archive.has(segment);)
    BS_TRY(archive.read(segment, [&](const WalRecord& record) {
      if (record.place >= std::min(end, WalArchive::begin_of(segment + 1))) return false;
      if (record.kind == WalRecord::Kind::commit) found = commit_of(archive, record);
      return true;
    }));
  return found;
}

struct Base {
  Lsn start, end;
  Time ended_at;
};

/// Backups that lie on this line of WAL, oldest first.
Result<std::vector<Base>> bases_of(const ClusterFolders& folders, const WalArchive& archive) {
  const auto listed = Backups(folders).list();
  if (!listed) return fail(listed.error());
  std::vector<Base> bases;
  for (const BackupInfo& info : *listed) {
    const auto start = Lsn::parse(info.start_lsn), end = Lsn::parse(info.end_lsn);
    if (start && end && archive.passes(*end)) bases.push_back({*start, *end, info.ended_at});
  }
  return bases;
}

/// Reads from the newest backup before the target, or from the oldest segment when no backup was ever made.
Result<History::Target> resolve_in(const WalArchive& archive, const std::vector<Base>& bases, const std::string& target,
                                   const std::function<bool(const Base&)>& is_before,
                                   const std::function<bool(const Commit&)>& is_kept) {
  const auto base = std::find_if(bases.rbegin(), bases.rend(), is_before);
  if (base == bases.rend() && !bases.empty())
    return fail(Code::target_out_of_range, "{} is before the end of the oldest backup, {} ({})", target,
                rfc3339(bases.front().ended_at), bases.front().end.text());
  const std::uint64_t segment = base == bases.rend() ? archive.first() : WalArchive::segment_of(base->start.place);
  History::Target found;
  BS_TRY(archive.read(segment, [&](const WalRecord& record) {
    if (record.kind != WalRecord::Kind::commit) return true;
    const Commit commit = commit_of(archive, record);
    (is_kept(commit) ? found.last_kept : found.first_left) = commit;
    return !found.first_left;
  }));
  if (!found.last_kept) {
    auto earlier = last_before(archive, WalArchive::begin_of(segment));
    if (!earlier) return fail(std::move(earlier.error()));
    found.last_kept = std::move(*earlier);
  }
  if (!found.last_kept && bases.empty())
    return fail(Code::target_out_of_range, "nothing that is archived was committed before {}", target);
  return found;
}

}  // namespace

History History::brought(std::string folder, std::string version, std::shared_ptr<const void> kept) {
  ClusterFolders folders;
  folders.pg = folders.base = folder + "/none";  // neither a log of ours nor backups of ours
  folders.wal = std::move(folder);
  History history(std::move(folders));
  history.others_databases_ = true, history.version_ = std::move(version), history.kept_ = std::move(kept);
  return history;
}

Result<History::Target> History::resolve(Time time) const {
  const auto archive = WalArchive::open(folders_.wal, {}, version_);
  if (!archive) return fail(archive.error());
  const auto bases = bases_of(folders_, *archive);
  if (!bases) return fail(bases.error());
  return resolve_in(
      *archive, *bases, rfc3339(time), [&](const Base& base) { return base.ended_at <= time; },
      [&](const Commit& commit) { return commit.at <= time; });
}

Result<History::Target> History::resolve(const Lsn& lsn) const {
  auto archive = WalArchive::open(folders_.wal, {}, version_);
  if (archive && !archive->passes(lsn)) archive = WalArchive::open(folders_.wal, lsn.timeline, version_);
  if (!archive) return fail(archive.error());
  if (!archive->passes(lsn) || lsn.place > archive->end() || lsn.place < WalArchive::begin_of(archive->first()))
    return fail(Code::target_out_of_range, "{} is not in the archive, which ends at {}", lsn.text(),
                Lsn{archive->timeline_at(archive->end() - 1), archive->end()}.text());
  const auto bases = bases_of(folders_, *archive);
  if (!bases) return fail(bases.error());
  return resolve_in(
      *archive, *bases, lsn.text(), [&](const Base& base) { return base.end.place <= lsn.place; },
      [&](const Commit& commit) { return commit.lsn.place < lsn.place; });
}

Result<std::optional<Commit>> History::last_commit() const {
  const auto archive = WalArchive::open(folders_.wal, {}, version_);
  if (archive) return last_before(*archive, archive->end());
  if (archive.error().code == Code::target_out_of_range) return std::optional<Commit>{};
  return fail(archive.error());
}

}  // namespace backstitch::database
