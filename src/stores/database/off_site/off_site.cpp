#include "stores/database/off_site/off_site.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <tuple>

#include "base/files.h"
#include "base/json.h"
#include "stores/database/backup/note.h"
#include "stores/database/off_site/names.h"
#include "stores/database/off_site/packed_folder.h"
#include "stores/database/private/control.h"

namespace backstitch::database {
namespace json = boost::json;
namespace {

constexpr std::int64_t tick_most =
    std::chrono::duration_cast<std::filesystem::file_time_type::duration>(std::chrono::seconds(1)).count();

/// What the archive command has brought to its end.
std::vector<std::string> archived_files(const std::string& folder) {
  std::vector<std::string> names = list_folder(folder);
  std::erase_if(names, [](const std::string& name) { return name.starts_with('.'); });
  return names;
}

/// Whole when it is there already, by whoever it was put.
Status put_once(safe::Safe& safe, const std::string& name, const std::string& content) {
  const auto put = safe.put_new(name, content);
  if (!put) return fail(put.error());
  if (*put) return {};
  const auto stands = safe.get(name);
  if (!stands) return fail(stands.error());
  if (*stands == content) return {};
  const auto one = decompressed(*stands), other = decompressed(content);  // another zstd packs otherwise
  if (one && other && *one == *other) return {};
  return fail(Code::checksum_mismatch, "{} stands in the safe with another content", name);
}

}  // namespace

/// Two clusters call their WAL by the same names: the rows of one and the WAL of the other would be nobody's.
Status OffSite::same_cluster() {
  const auto here = read_control(folders_.newest_epoch());
  if (!here) return fail(here.error());
  const auto there = safe_.get(off_site_system);
  if (!there) return fail(there.error());
  if (*there == here->system) return {};
  return fail(Code::store_unfit, "the backups in the safe are those of another cluster ({}) than this one ({})", *there,
              here->system);
}

Status OffSite::claim() {
  if (claimed_) return {};
  const auto here = read_control(folders_.newest_epoch());
  if (!here) return fail(here.error());
  if (const auto put = safe_.put_new(off_site_system, here->system); !put) return fail(put.error());
  BS_TRY(same_cluster());
  BS_TRY(learn());
  claimed_ = true;
  return {};
}

Status OffSite::learn() {
  for (auto [prefix, ending, known] : {std::tuple{off_site_wal, packed_ending, &wal_}, {off_site_base, note_ending, &bases_}}) {
    const auto names = safe_.list(prefix);
    if (!names) return fail(names.error());
    for (const std::string& name : *names) {
      const std::string inside = name.substr(std::strlen(prefix));  // pieces lie one folder below
      if (inside.ends_with(ending) && inside.find('/') == std::string::npos)
        known->insert(inside.substr(0, inside.size() - std::strlen(ending)));
    }
  }
  return {};
}

Result<OffSite::Count> OffSite::carry(const GoesOn& goes_on) {
  BS_TRY(claim());
  Count count;
  BS_TRY(carry_wal(goes_on, count));
  const auto backups = Backups(folders_).list();
  if (!backups) return fail(backups.error());
  for (const BackupInfo& backup : *backups) {
    if (bases_.contains(backup.label)) continue;
    if (!goes_on()) return count;
    const Status carried = carry_backup(backup, goes_on, count);
    if (!carried && !goes_on()) return count;
    if (!carried) return fail(carried.error());
    bases_.insert(backup.label);
    ++count.backups, count.bytes += backup.bytes;
  }
  return count;
}

/// A folder of a year holds very many names: it is listed when something has come.
Status OffSite::carry_wal(const GoesOn& goes_on, Count& count) {
  std::error_code error;
  const std::int64_t changed = std::filesystem::last_write_time(folders_.wal, error).time_since_epoch().count();
  if (error) return fail(Code::file_failed, "{}: {}", folders_.wal, error.message());
  if (changed == looked_at_ && segments_behind_ == 0) return {};
  // What comes within the same tick of the file system's clock changes nothing there.
  looked_at_ = std::filesystem::file_time_type::clock::now().time_since_epoch().count() - changed > tick_most ? changed : 0;
  std::vector<std::string> files = archived_files(folders_.wal);
  std::erase_if(files, [this](const std::string& name) { return wal_.contains(name); });
  segments_behind_ = static_cast<std::int64_t>(files.size());
  for (const std::string& name : files) {
    if (!goes_on()) return {};
    const auto content = read_file(folders_.wal + "/" + name);
    if (!content) return fail(content.error());
    BS_TRY(put_once(safe_, off_site_file(name), compressed(*content)));
    wal_.insert(name), --segments_behind_;
    ++count.segments, count.bytes += static_cast<std::int64_t>(content->size());
  }
  return {};
}

/// The note last: what is listed is whole. What an earlier life has put is not put again: the same folder gives the same pieces.
Status OffSite::carry_backup(const BackupInfo& backup, const GoesOn& goes_on, Count& count) {
  const auto begun = safe_.list(off_site_base + backup.label + "/");
  if (!begun) return fail(begun.error());
  const auto pieces = pack_folder(folders_.base + "/" + backup.label, [&](int number, const std::string& piece) -> Status {
    if (!goes_on()) return fail(Code::backup_failed, "the platform stops");
    const std::string name = off_site_piece(backup.label, number);
    if (!std::binary_search(begun->begin(), begun->end(), name)) BS_TRY(put_once(safe_, name, piece));
    return carry_wal(goes_on, count);
  });
  if (!pieces) return fail(pieces.error());
  auto note = parse_json(note_text(backup));
  if (!note) return fail(std::move(note.error()));
  note->as_object()["pieces"] = *pieces;
  return put_once(safe_, off_site_note(backup.label), pretty_json(*note));
}

Result<std::vector<OffSite::Kept>> OffSite::backups() {
  BS_TRY(learn());
  std::vector<Kept> out;
  for (const std::string& label : bases_) {
    const auto text = safe_.get(off_site_note(label));
    if (!text) return fail(text.error());
    auto info = read_note(*text);
    if (!info) return fail(info.error().code, "{}: {}", off_site_note(label), info.error().detail);
    const auto note = parse_json(*text);
    const json::value* pieces = note->as_object().if_contains("pieces");
    if (!pieces || !pieces->is_int64()) return fail(Code::backup_failed, "{} does not say its pieces", off_site_note(label));
    out.push_back({std::move(*info), static_cast<int>(pieces->as_int64())});
  }
  return out;
}

}  // namespace backstitch::database
