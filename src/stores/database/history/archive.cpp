#include "stores/database/history/archive.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/files.h"
#include "stores/database/history/dump.h"

namespace backstitch::database {
namespace {

constexpr std::uint64_t segment_size = 1u << 24;

bool is_segment(const std::string& name) { return name.size() == 24 && name.find_first_not_of("0123456789ABCDEF") == name.npos; }

std::uint32_t timeline_of(const std::string& name) {
  return static_cast<std::uint32_t>(std::stoul(name.substr(0, 8), nullptr, 16));
}

std::uint64_t number_of(const std::string& name) {
  return std::stoull(name.substr(8, 8), nullptr, 16) * 256 + std::stoull(name.substr(16, 8), nullptr, 16);
}

std::string segment_name(std::uint32_t timeline, std::uint64_t segment) {
  return fmt::format("{:08X}{:08X}{:08X}", timeline, segment / 256, segment % 256);
}

/// A folder with all segments under the names of one timeline, which is all that pg_waldump can follow: what is in them it
/// takes as it comes.
class Links {
 public:
  static Result<std::unique_ptr<Links>> make() {
    std::string folder = (std::filesystem::temp_directory_path() / "backstitch-wal-XXXXXX").string();
    if (!::mkdtemp(folder.data())) return fail(Code::file_failed, "cannot make {}", folder);
    ::chmod(folder.c_str(), 0755);  // the server's user reads it
    return std::unique_ptr<Links>(new Links(folder));
  }
  ~Links() { static_cast<void>(remove_tree(folder_)); }
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;
  const std::string& folder() const { return folder_; }
  Status add(const std::string& segment_file, std::uint64_t segment) {
    std::error_code error;
    std::filesystem::create_symlink(segment_file, folder_ + "/" + segment_name(1, segment), error);
    if (error) return fail(Code::file_failed, "cannot link {}: {}", segment_file, error.message());
    return {};
  }

 private:
  explicit Links(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

}  // namespace

std::optional<Lsn> WalArchive::begin_of_file(const std::string& name) {
  if (!is_segment(name)) return {};
  return Lsn{timeline_of(name), begin_of(number_of(name))};
}

Result<WalArchive> WalArchive::open(const std::string& folder, std::optional<std::uint32_t> timeline, std::string version) {
  WalArchive archive;
  archive.folder_ = folder, archive.version_ = std::move(version);
  std::string newest;
  for (const std::string& name : list_folder(folder)) {
    if (!is_segment(name)) continue;
    archive.names_.insert(name);
    if (!timeline || timeline_of(name) == *timeline) newest = name;
  }
  if (newest.empty()) return fail(Code::target_out_of_range, "no WAL is archived in {}", folder);
  const std::uint32_t current = timeline_of(newest);
  const std::string path = fmt::format("{}/{:08X}.history", folder, current);
  if (file_exists(path)) {
    const auto text = read_file(path);
    if (!text) return fail(Code::wal_missing, "{}", text.error().detail);
    std::uint64_t begin = 0;
    for (std::size_t from = 0, to; from < text->size(); from = to + 1) {  // "1\t0/3000148\tno recovery target specified"
      to = std::min(text->find('\n', from), text->size());
      const std::string line = text->substr(from, to - from);
      const auto tab = line.find('\t');
      const int parent = std::atoi(line.c_str());
      if (parent <= 0 || tab == std::string::npos) continue;
      archive.branches_.push_back({begin, static_cast<std::uint32_t>(parent)});
      begin = parse_place(std::string_view(line).substr(tab + 1));
    }
    archive.branches_.push_back({begin, current});
  } else {
    archive.branches_.push_back({0, current});
  }
  archive.last_ = archive.first_ = number_of(newest);
  for (const std::string& name : archive.names_) {
    const std::uint64_t segment = number_of(name);
    if (segment < archive.first_ && archive.name_of(segment) == name) archive.first_ = segment;
  }
  return archive;
}

std::uint32_t WalArchive::timeline_at(std::uint64_t place) const {
  std::uint32_t timeline = branches_.front().timeline;
  for (const Branch& branch : branches_)
    if (branch.begin <= place) timeline = branch.timeline;
  return timeline;
}

/// The segment in which a timeline begins holds the older one's records up to there, so the newest timeline's file has all.
std::string WalArchive::name_of(std::uint64_t segment) const {
  return segment_name(timeline_at(begin_of(segment + 1) - 1), segment);
}

bool WalArchive::has(std::uint64_t segment) const { return segment <= last_ && names_.contains(name_of(segment)); }

Status WalArchive::check(std::uint64_t segment) const {
  const std::string name = name_of(segment), path = folder_ + "/" + name;
  if (!names_.contains(name)) {
    const bool branched = branches_.size() == 1 && branches_.front().timeline > 1 && segment < first_;
    return fail(Code::wal_missing, "segment {} is not in {}{}", name, folder_,
                branched
                    ? fmt::format("; neither is {:08X}.history, which says where that timeline began", branches_.front().timeline)
                    : "");
  }
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return fail(Code::wal_missing, "segment {}: {}", path, error.message());
  if (size != segment_size) return fail(Code::wal_missing, "segment {} has {} bytes in place of {}", path, size, segment_size);
  return {};
}

Status WalArchive::read(std::uint64_t segment, const std::function<bool(const WalRecord&)>& each) const {
  auto links = Links::make();
  if (!links) return fail(std::move(links.error()));
  Status whole;
  std::uint64_t end = segment;
  for (; end <= last_ && whole; ++end) {
    whole = check(end);
    if (whole) BS_TRY((*links)->add(folder_ + "/" + name_of(end), end));
  }
  if (!whole) --end;  // up to there it is read all the same: what is looked for may come before
  if (end == segment) return whole;
  bool wanted = true;
  const auto dumped = dump_wal((*links)->folder(), segment_name(1, segment), segment_name(1, end - 1), version_,
                               [&](const WalRecord& record) { return wanted = each(record); });
  if (!dumped) return fail(dumped.error());
  if (!wanted) return {};
  if (dumped->complaint.empty()) return whole;
  // Behind the end of what was written the last segment is zeros; anything else, and anything before it, is damage.
  const std::uint64_t at = std::max(dumped->last_place, begin_of(segment));
  const bool zeros = dumped->complaint.find("record length") != std::string::npos &&
                     dumped->complaint.find("got 0") != std::string::npos && dumped->last_place >= begin_of(last_);
  if (zeros && whole) return {};
  return fail(Code::wal_missing, "segment {} cannot be read behind {}: {}", name_of(segment_of(at)),
              Lsn{timeline_at(at), at}.text(), dumped->complaint);
}

}  // namespace backstitch::database
