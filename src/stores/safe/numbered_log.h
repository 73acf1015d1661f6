// A log of numbered lines: append-only, gap-free, durable. The archives and the turn mirror are such logs.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "stores/safe/files/line.h"

namespace backstitch::safe {

/// Thread-safe.
class NumberedLog {
 public:
  struct Entry {
    std::uint64_t number = 0;
    std::string payload;
  };
  using EachLine = std::function<Result<bool>(const files::Line&)>;  // until it returns false; an error ends the reading with it

  virtual ~NumberedLog() = default;

  /// Number behind the last line; 1 when none.
  virtual Result<std::uint64_t> end() = 0;
  /// Numbers without a gap, each other and to what is there: Code::offset_behind_end. What is there already is compared:
  /// Code::checksum_mismatch when it differs, and nothing is appended. Durable when it returns.
  virtual Status append(const std::vector<Entry>& entries) = 0;
  /// Lines from `from` on, until `each` returns false; without a lock, up to the end as it is now. Code::offset_expired before
  /// the first line there is, offset_behind_end beyond the end.
  virtual Status read(std::uint64_t from, const EachLine& each) = 0;
};

/// Do the entries follow each other, and what ends before `end`? They are not empty.
Status check_numbers(const std::string& log, const std::vector<NumberedLog::Entry>& entries, std::uint64_t end);
/// How many of them the log holds already.
std::size_t known_entries(const std::vector<NumberedLog::Entry>& entries, std::uint64_t end);

}  // namespace backstitch::safe
