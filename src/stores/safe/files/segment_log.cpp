#include "stores/safe/files/segment_log.h"

#include <algorithm>
#include <limits>

#include "base/hash.h"
#include "base/log.h"

namespace backstitch::safe::files {
namespace {

constexpr std::uint64_t no_end = std::numeric_limits<std::uint64_t>::max();

const EachLine only_check = [](const Line&) -> Result<bool> { return true; };

}  // namespace

SegmentLog::SegmentLog(std::string folder, std::string name, std::int64_t segment_bytes_max)
    : folder_(std::move(folder)), name_(std::move(name)), seed_(digest64(name_)), segment_bytes_max_(segment_bytes_max) {}

Result<std::uint64_t> SegmentLog::end() {
  const std::lock_guard lock(mutex_);
  return end_locked();
}

// Who does not write looks at the files each time: another process may be writing.
Result<std::uint64_t> SegmentLog::end_locked() {
  if (file_) return end_;
  const auto segments = segments_of(folder_);
  if (segments.empty()) return 1;
  const auto scanned = scan_on(segments.back(), no_end, no_end, only_check);
  if (!scanned) return fail(scanned.error());
  return scanned->next;
}

Place SegmentLog::place_before(const Segment& segment, std::uint64_t number) const {
  const std::lock_guard lock(places_mutex_);
  const auto behind = places_.upper_bound({segment.first, number});
  if (behind == places_.begin() || std::prev(behind)->first.first != segment.first) return {segment.first, 0};
  return {std::prev(behind)->first.second, std::prev(behind)->second};
}

Result<Scanned> SegmentLog::scan_on(const Segment& segment, std::uint64_t from, std::uint64_t end, const EachLine& each) const {
  std::vector<Place> passed;
  auto scanned = scan(segment, seed_, place_before(segment, from), end, each, passed);
  if (!scanned) return scanned;
  const std::lock_guard lock(places_mutex_);
  for (const Place& place : passed) places_[{segment.first, place.number}] = place.bytes;
  return scanned;
}

// A torn line is cut here and nowhere else: a reader must not cut what another process is just writing.
Status SegmentLog::open_for_writing() {
  if (file_) return {};
  if (Status made = make_folders(folder_); !made) return fail(safe_error(made.error()));
  auto segments = segments_of(folder_);
  if (segments.empty()) segments.push_back({1, segment_path(folder_, 1)});
  const std::string& path = segments.back().path;
  std::uint64_t end = segments.back().first;
  if (file_exists(path)) {
    const auto scanned = scan_on(segments.back(), no_end, no_end, only_check);
    if (!scanned) return fail(scanned.error());
    if (scanned->stop == Scanned::Stop::at_torn_line) log_warn("safe-tail-cut", "file={} from={}", path, scanned->next);
    BS_TRY(cut_and_sync(path, scanned->good_bytes));
    end = scanned->next;
  }
  auto file = AppendFile::open(path);
  if (!file) return fail(safe_error(file.error()));
  file_.emplace(std::move(*file));
  end_ = end;
  return {};
}

Status SegmentLog::compare(const std::vector<Entry>& entries, std::size_t count) const {
  const std::uint64_t first = entries.front().number;
  return read_to(first, first + count, [&](const Line& line) -> Result<bool> {
    if (line.payload == entries[static_cast<std::size_t>(line.number - first)].payload) return true;
    return fail(Code::checksum_mismatch, "{}: number {} in {} has another content already", name_, line.number, folder_);
  });
}

Status SegmentLog::roll_if_full() {
  if (file_->size() < segment_bytes_max_) return {};
  auto next = AppendFile::open(segment_path(folder_, end_));
  if (!next) return fail(safe_error(next.error()));
  file_.emplace(std::move(*next));
  return {};
}

Status SegmentLog::append(const std::vector<Entry>& entries) {
  if (entries.empty()) return {};
  const std::lock_guard lock(mutex_);
  BS_TRY(open_for_writing());
  BS_TRY(check_numbers(name_, entries, end_));
  const std::size_t known = known_entries(entries, end_);
  if (known > 0) BS_TRY(compare(entries, known));
  if (known == entries.size()) return {};
  BS_TRY(roll_if_full());
  std::string lines;
  for (std::size_t i = known; i < entries.size(); ++i) append_line(lines, seed_, entries[i].number, entries[i].payload);
  if (const Status written = file_->append(lines, true); !written) {
    const Error error = safe_error(written.error());
    return fail(Error{error.code, fmt::format("{}: {}", folder_, error.detail), {}});
  }
  end_ = entries.back().number + 1;
  return {};
}

Status SegmentLog::read(std::uint64_t from, const EachLine& each) {
  std::unique_lock lock(mutex_);
  const auto end = end_locked();
  lock.unlock();
  if (!end) return fail(end.error());
  if (from > *end) return fail(Code::offset_behind_end, "{}: {} was asked for and {} is the end", name_, from, *end);
  return read_to(from, *end, each);
}

Status SegmentLog::read_to(std::uint64_t from, std::uint64_t end, const EachLine& each) const {
  const auto segments = segments_of(folder_);
  const std::uint64_t begin = segments.empty() ? 1 : segments.front().first;
  if (from < begin) return fail(Code::offset_expired, "{}: {} was asked for and {} is the first there", name_, from, begin);
  std::uint64_t next = from;
  for (std::size_t i = 0; i < segments.size() && next < end; ++i) {
    if (i + 1 < segments.size() && segments[i + 1].first <= from) continue;
    if (segments[i].first > next) break;  // a file is missing
    const auto scanned = scan_on(segments[i], from, end, [&](const Line& line) -> Result<bool> {
      if (line.number < from) return true;
      return each(line);
    });
    if (!scanned) return fail(scanned.error());
    if (scanned->stop == Scanned::Stop::by_reader) return {};
    next = scanned->next;
    if (scanned->stop == Scanned::Stop::at_torn_line)
      return fail(Code::checksum_mismatch, "{}: broken at number {}", segments[i].path, next);
  }
  if (next < end) return fail(Code::checksum_mismatch, "{}: number {} is missing", folder_, next);
  return {};
}

}  // namespace backstitch::safe::files
