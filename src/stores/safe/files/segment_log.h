// A log of numbered lines in segment files.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "stores/safe/files/segment.h"
#include "stores/safe/numbered_log.h"

namespace backstitch::safe::files {

/// One process writes such a log; others may read it meanwhile and see what it has written, durable or not. One sync a call.
class SegmentLog : public NumberedLog {
 public:
  /// `name` seeds the checksums and is named in errors. A segment that has reached segment_bytes_max is followed by a new one.
  SegmentLog(std::string folder, std::string name, std::int64_t segment_bytes_max);

  Result<std::uint64_t> end() override;
  Status append(const std::vector<Entry>& entries) override;
  Status read(std::uint64_t from, const EachLine& each) override;

 private:
  Result<std::uint64_t> end_locked();
  Status open_for_writing();
  Status compare(const std::vector<Entry>& entries, std::size_t count) const;
  Status read_to(std::uint64_t from, std::uint64_t end, const EachLine& each) const;
  Status roll_if_full();
  /// The last line, not behind this number, of which it is known where it begins.
  Place place_before(const Segment& segment, std::uint64_t number) const;
  /// As scan(), but for lines before `from` that an earlier scan has passed.
  Result<Scanned> scan_on(const Segment& segment, std::uint64_t from, std::uint64_t end, const EachLine& each) const;

  const std::string folder_, name_;
  const std::uint64_t seed_;
  const std::int64_t segment_bytes_max_;
  std::mutex mutex_;
  std::optional<AppendFile> file_;  // since the first append: only who writes may trust end_
  std::uint64_t end_ = 1;
  mutable std::mutex places_mutex_;
  mutable std::map<std::pair<std::uint64_t, std::uint64_t>, std::int64_t> places_;  // by segment and line: a whole one stays
};

}  // namespace backstitch::safe::files
