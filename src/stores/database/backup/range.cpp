// How far one can go back, read from the files of the safe alone.
#include <algorithm>
#include <optional>

#include "base/files.h"
#include "stores/database/backup/backup.h"
#include "stores/database/history/archive.h"
#include "stores/database/history/records.h"
#include "stores/database/private/control.h"
#include "stores/database/private/programs.h"

namespace backstitch::database {
namespace {

std::string between(const std::string& line, const std::string& before, const std::string& after) {
  const auto from = line.find(before);
  if (from == std::string::npos) return {};
  const auto start = from + before.size();
  return line.substr(start, line.find(after, start) - start);
}

/// "rmgr: Transaction … lsn: 0/0194C1C8, prev …, desc: COMMIT 2026-11-24 07:05:49.123456 UTC; …"
Result<RestorePoint> commit_of(const std::string& line, std::int64_t timeline) {
  std::string time = between(line, "desc: COMMIT ", " UTC");
  if (time.size() > 10) time[10] = 'T';
  const auto parsed = parse_rfc3339(time + "Z");
  if (!parsed) return fail(Code::backup_failed, "cannot read \"{}\"", line);
  return RestorePoint{lsn_text(timeline, between(line, "lsn: ", ",")), *parsed};
}

/// A piece of the line that is on one timeline, with all its WAL in the archive.
struct Piece {
  std::uint32_t timeline = 1;
  std::uint64_t begin = 0, end = 0;
};
enum class Which { first, last };

/// The first or last commit of the piece in one segment; no time when it holds none.
Result<RestorePoint> commit_in(const std::string& file, std::uint64_t segment, const Piece& piece, Which which) {
  const auto dump = postgres_program("pg_waldump");
  if (!dump) return fail(dump.error());
  std::string range;
  if (piece.begin > WalArchive::begin_of(segment)) range += fmt::format(" -s {}", Lsn{1, piece.begin}.place_text());
  if (piece.end < WalArchive::begin_of(segment + 1)) range += fmt::format(" -e {}", Lsn{1, piece.end}.place_text());
  // pg_waldump complains at the end of a segment that was switched early; what it printed before counts.
  const auto line = run_as_server({"/bin/sh", "-c",
                                   fmt::format("'{}' -r Transaction{} '{}' 2>/dev/null | grep 'desc: COMMIT ' | {} -n 1; exit 0",
                                               *dump, range, file, which == Which::first ? "head" : "tail")},
                                  120'000);
  if (!line) return fail(line.error());
  return line->empty() ? RestorePoint{} : commit_of(*line, piece.timeline);
}

Result<RestorePoint> commit_of_piece(const std::string& folder, const WalArchive& wal, const Piece& piece, Which which) {
  if (piece.begin >= piece.end) return RestorePoint{};
  const std::uint64_t first = WalArchive::segment_of(piece.begin), last = WalArchive::segment_of(piece.end - 1);
  for (std::uint64_t n = 0; first + n <= last; ++n) {
    const std::uint64_t segment = which == Which::first ? first + n : last - n;
    auto commit = commit_in(folder + "/" + wal.name_of(segment), segment, piece, which);
    if (!commit || commit->time.is_set()) return commit;
  }
  return RestorePoint{};
}

/// Where a timeline left which other one: the last line of its history file. Not set when it is the first.
std::optional<Lsn> origin_of(const std::string& folder, std::uint32_t timeline) {
  std::string text = read_file(fmt::format("{}/{:08X}.history", folder, timeline)).value_or("");
  while (text.ends_with('\n')) text.pop_back();
  const std::string line = text.substr(text.rfind('\n') + 1);
  const auto tab = line.find('\t');
  if (tab == std::string::npos) return {};
  return Lsn{static_cast<std::uint32_t>(std::atoi(line.c_str())), parse_place(std::string_view(line).substr(tab + 1))};
}

/// The line of history that the live database stands on, up to `end`. What was given up by going back is not on it.
struct Line {
  WalArchive wal;
  std::uint64_t end;
};
Result<Line> live_line(const ClusterFolders& folders) {
  const auto live = read_control(folders.newest_epoch());
  std::optional<std::uint32_t> timeline;
  if (live) timeline = live->timeline;  // a live one that is gone cannot be asked: the highest
  std::uint64_t limit = ~std::uint64_t{0};
  for (;;) {
    auto wal = WalArchive::open(folders.wal, timeline);
    if (wal) {
      const std::uint64_t end = std::min(limit, wal->end());
      return Line{std::move(*wal), end};
    }
    const auto origin = timeline ? origin_of(folders.wal, *timeline) : std::nullopt;
    if (wal.error().code != Code::target_out_of_range || !origin) return fail(std::move(wal.error()));
    // Nothing of the newest timeline is archived yet: the one it left, up to there.
    timeline = origin->timeline, limit = std::min(limit, origin->place);
  }
}

struct Placed {
  const BackupInfo* info;
  Lsn start, end;
};

/// Those on the line whose own WAL is whole, by their ends.
Result<std::vector<Placed>> placed_on(const Line& line, const std::vector<BackupInfo>& backups) {
  std::vector<Placed> out;
  for (const BackupInfo& backup : backups) {
    const auto start = Lsn::parse(backup.start_lsn), end = Lsn::parse(backup.end_lsn);
    if (!start || !end) return fail(Code::backup_failed, "backup {} has no place in the WAL", backup.label);
    bool usable = line.wal.passes(*start) && line.wal.passes({end->timeline, end->place - 1}) && end->place <= line.end;
    for (auto n = WalArchive::segment_of(start->place); usable && n <= WalArchive::segment_of(end->place - 1); ++n)
      usable = line.wal.has(n);
    if (usable) out.push_back({&backup, *start, *end});
  }
  std::sort(out.begin(), out.end(), [](const Placed& a, const Placed& b) { return a.end.place < b.end.place; });
  return out;
}

/// From the backup's end as far as no segment is missing, cut where the line changed its timeline. Oldest first.
std::vector<Piece> pieces_from(const Placed& backup, const Line& line, const std::string& folder) {
  std::uint64_t segment = WalArchive::segment_of(backup.end.place - 1);
  while (segment < line.wal.last() && line.wal.has(segment + 1)) ++segment;
  std::vector<Piece> pieces;
  for (std::uint64_t end = std::min(line.end, WalArchive::begin_of(segment + 1)); end > backup.end.place;) {
    const std::uint32_t timeline = line.wal.timeline_at(end - 1);
    const auto origin = origin_of(folder, timeline);
    const std::uint64_t begin = origin ? std::max(origin->place, backup.end.place) : backup.end.place;
    pieces.insert(pieces.begin(), Piece{timeline, begin, end});
    end = begin;
  }
  if (pieces.empty()) pieces.push_back({backup.end.timeline, backup.end.place, backup.end.place});
  return pieces;
}

/// Adds a stretch a piece. A piece that begins at no backup begins with its first commit, and is none without one.
Status add_stretches(RestorableRange& range, const Line& line, const std::string& folder, const std::vector<Piece>& pieces,
                     const std::vector<Placed>& backups, const Placed& first) {
  for (const Piece& piece : pieces) {
    RestorableRange::Stretch stretch{{first.info->end_lsn, first.info->ended_at}, {}, piece.timeline};
    if (piece.begin != first.end.place) {
      const auto begun = commit_of_piece(folder, line.wal, piece, Which::first);
      if (!begun) return fail(begun.error());
      if (!begun->time.is_set()) continue;
      stretch.earliest = *begun;
    }
    // Later is what stands behind in the WAL: clocks may have been put back.
    stretch.latest = stretch.earliest;
    std::uint64_t latest = piece.begin;
    for (const Placed& backup : backups)
      if (backup.end.place >= latest && backup.end.place <= piece.end)
        stretch.latest = {backup.info->end_lsn, backup.info->ended_at}, latest = backup.end.place;
    const auto last = commit_of_piece(folder, line.wal, piece, Which::last);
    if (!last) return fail(last.error());
    if (last->time.is_set() && Lsn::parse(last->lsn).value_or(Lsn{}).place >= latest) stretch.latest = *last;
    range.stretches.push_back(stretch);
  }
  return {};
}

}  // namespace

Result<RestorableRange> Backups::range() const {
  const auto backups = list();
  if (!backups) return fail(backups.error());
  if (backups->empty()) return fail(Code::backup_not_found, "there is no backup in {}", folders_.base);
  const auto line = live_line(folders_);
  if (!line) return fail(line.error());
  const auto placed = placed_on(*line, *backups);
  if (!placed) return fail(placed.error());
  RestorableRange range;
  range.backups = static_cast<std::int64_t>(placed->size());
  std::uint64_t reached = 0;
  for (const Placed& backup : *placed) {
    if (backup.end.place <= reached) continue;  // within what an older one reaches
    const std::vector<Piece> pieces = pieces_from(backup, *line, folders_.wal);
    reached = pieces.back().end;
    BS_TRY(add_stretches(range, *line, folders_.wal, pieces, *placed, backup));
  }
  if (range.stretches.empty())
    return fail(Code::backup_not_found, "no backup in {} has its WAL in {}", folders_.base, folders_.wal);
  range.earliest = range.stretches.front().earliest;
  range.latest = range.stretches.back().latest;
  return range;
}

std::string RestorableRange::text() const {
  if (earliest.lsn.empty())
    return fmt::format("from {} to {}, by {} snapshot{}", rfc3339(earliest.time), rfc3339(latest.time), backups,
                       backups == 1 ? "" : "s");
  std::string text = fmt::format("from {} ({}) to {} ({}), by {} backup{} and the archived WAL", rfc3339(earliest.time),
                                 earliest.lsn, rfc3339(latest.time), latest.lsn, backups, backups == 1 ? "" : "s");
  for (std::size_t i = 1; i < stretches.size(); ++i) {
    const RestorePoint &from = stretches[i - 1].latest, &to = stretches[i].earliest;
    text += fmt::format("; not between {} ({}) and {} ({})", rfc3339(from.time), from.lsn, rfc3339(to.time), to.lsn);
  }
  return text;
}

}  // namespace backstitch::database
