#include "stores/safe/files/segment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/files.h"

namespace backstitch::safe::files {
namespace {

constexpr std::int64_t bytes_between_places = 64 << 10;
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

/// The file from this byte on.
Result<std::string> read_rest(const std::string& path, std::int64_t from) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(Code::safe_failed, "open {}: {}", path, std::strerror(errno));
  std::string out;
  struct stat found{};
  if (::fstat(fd, &found) == 0 && found.st_size > from) out.resize(static_cast<std::size_t>(found.st_size - from));
  std::size_t done = 0;
  int error = 0;
  while (done < out.size()) {
    const ssize_t n = ::pread(fd, out.data() + done, out.size() - done, from + static_cast<std::int64_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) error = errno;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  ::close(fd);
  if (error != 0) return fail(Code::safe_failed, "read {}: {}", path, std::strerror(error));
  out.resize(done);  // cut short meanwhile
  return out;
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

Result<Scanned> scan(const Segment& segment, std::uint64_t seed, const Place& begin, std::uint64_t end, const EachLine& each,
                     std::vector<Place>& passed) {
  const auto content = read_rest(segment.path, begin.bytes);
  if (!content) return fail(content.error());
  Scanned scanned{Scanned::Stop::at_end_of_file, begin.number, begin.bytes};
  std::int64_t noted = begin.bytes;
  std::string_view rest = *content;
  for (std::size_t line_number = 1 + static_cast<std::size_t>(begin.number - segment.first); !rest.empty(); ++line_number) {
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
    if (scanned.good_bytes - noted < bytes_between_places) continue;
    noted = scanned.good_bytes;
    passed.push_back({scanned.next, noted});
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
