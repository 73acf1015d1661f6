#include "stores/safe/files/segment.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/files.h"

namespace backstitch::safe::files {
namespace {

constexpr std::string_view suffix = ".seg";

bool is_file_name(const std::string& name, std::uint64_t& first) {
  if (!name.ends_with(suffix)) return false;
  const char* const last = name.data() + name.size() - suffix.size();
  const auto [end, error] = std::from_chars(name.data(), last, first);
  return error == std::errc() && end == last;
}

Scanned stopped(Scanned scanned, Scanned::Stop why) {
  scanned.stop = why;
  return scanned;
}

Status check(const Segment& segment, std::size_t line_number, const std::optional<Line>& line, std::uint64_t expected) {
  if (!line) return fail(Code::checksum_mismatch, "{}:{}: the line is not as it was written", segment.path, line_number);
  if (line->number == expected) return {};
  return fail(Code::checksum_mismatch, "{}:{}: {} stands where {} belongs", segment.path, line_number, line->number, expected);
}

}  // namespace

Error safe_error(const Error& error) {
  return {error.code == Code::disk_full ? Code::disk_full : Code::safe_failed, error.detail, {}};
}

std::string segment_path(const std::string& folder, std::uint64_t first) {
  return fmt::format("{}/{:012}{}", folder, first, suffix);
}

std::vector<Segment> segments_of(const std::string& folder) {
  std::vector<Segment> segments;
  for (const std::string& name : list_folder(folder)) {  // sorted: the names have one length for the first 10^12 numbers
    std::uint64_t first = 0;
    if (is_file_name(name, first)) segments.push_back({first, folder + "/" + name});
  }
  return segments;
}

Result<Scanned> scan(const Segment& segment, std::uint64_t seed, std::uint64_t end, const EachLine& each) {
  const auto content = read_file(segment.path);
  if (!content) return fail(safe_error(content.error()));
  Scanned scanned{Scanned::Stop::at_end_of_file, segment.first, 0};
  std::string_view rest = *content;
  for (std::size_t line_number = 1; !rest.empty(); ++line_number) {
    if (scanned.next == end) return stopped(scanned, Scanned::Stop::at_number);
    const std::size_t length = std::min(rest.find('\n'), rest.size());
    const bool whole = length < rest.size(), last = length + 1 >= rest.size();
    const auto line = whole ? read_line(rest.substr(0, length), seed) : std::nullopt;
    if (!line && last) return stopped(scanned, Scanned::Stop::at_torn_line);
    BS_TRY(check(segment, line_number, line, scanned.next));
    const auto more = each(*line);
    if (!more) return fail(more.error());
    rest.remove_prefix(length + 1);
    scanned.next += 1;
    scanned.good_bytes += static_cast<std::int64_t>(length + 1);
    if (!*more) return stopped(scanned, Scanned::Stop::by_reader);
  }
  return scanned;
}

Status cut_and_sync(const std::string& path, std::int64_t bytes) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool done = fd >= 0 && ::ftruncate(fd, bytes) == 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!done) return fail(Code::safe_failed, "cannot cut {} to {} bytes: {}", path, bytes, std::strerror(error));
  return {};
}

}  // namespace backstitch::safe::files
