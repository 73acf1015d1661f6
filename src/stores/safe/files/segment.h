// Segments: the files of one log in the safe, "<first number, 12 digits>.seg", each following the one before without a gap.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "stores/safe/files/line.h"

namespace backstitch::safe::files {

struct Segment {
  std::uint64_t first = 1;
  std::string path;
};

std::string segment_path(const std::string& folder, std::uint64_t first);
std::vector<Segment> segments_of(const std::string& folder);  // in order; empty when there is no folder

/// Until it returns false; an error ends the scan with it.
using EachLine = std::function<Result<bool>(const Line&)>;

/// Where a line begins in its file.
struct Place {
  std::uint64_t number = 1;
  std::int64_t bytes = 0;
};

struct Scanned {
  enum class Stop { at_number, by_reader, at_end_of_file, at_torn_line };
  Stop stop = Stop::at_end_of_file;
  std::uint64_t next = 1;       // number behind the last line that was good
  std::int64_t good_bytes = 0;  // of the file, up to that line's end
};

/// Reads the lines of a segment from `begin` up to, not including, number `end`. The very last line of a file may be torn
/// (unterminated, or with a wrong checksum): it was being written when the power went. Any other line that is not as it was
/// written is Code::checksum_mismatch with file and line. `passed` gets the places of some lines, behind good ones.
Result<Scanned> scan(const Segment& segment, std::uint64_t seed, const Place& begin, std::uint64_t end, const EachLine& each,
                     std::vector<Place>& passed);

/// Cuts a file to its first `bytes` and syncs it; also when nothing is cut, as what a killed process wrote may not be on disk.
Status cut_and_sync(const std::string& path, std::int64_t bytes);

/// The safe's own code for what files say: disk_full stays, the rest becomes Code::safe_failed.
Error safe_error(const Error& error);

}  // namespace backstitch::safe::files
