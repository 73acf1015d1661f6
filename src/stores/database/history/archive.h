// The archived WAL as one line of segments: which timeline each piece of it belongs to, what is missing, and its records one
// after another.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "stores/database/history/history.h"
#include "stores/database/history/records.h"

namespace backstitch::database {

class WalArchive {
 public:
  /// The line that ends in the newest segment of this timeline; without one, of the highest that has segments. A timeline's
  /// .history file says where it left which other one. `version` of PostgreSQL wrote it; empty: the one of our own programs.
  /// Code::target_out_of_range when there is none, wal_missing.
  static Result<WalArchive> open(const std::string& folder, std::optional<std::uint32_t> timeline = {}, std::string version = {});

  /// Numbers of segments (16 MiB each, counted from the beginning of the WAL).
  std::uint64_t first() const { return first_; }  // the oldest one there; some behind it may be missing
  std::uint64_t last() const { return last_; }
  /// Where the segment begins that a file is; nothing for another file.
  static std::optional<Lsn> begin_of_file(const std::string& name);
  static std::uint64_t segment_of(std::uint64_t place) { return place >> 24; }
  static std::uint64_t begin_of(std::uint64_t segment) { return segment << 24; }
  /// Where the archive ends.
  std::uint64_t end() const { return begin_of(last_ + 1); }
  /// The timeline that the line is on there.
  std::uint32_t timeline_at(std::uint64_t place) const;
  bool passes(const Lsn& lsn) const { return timeline_at(lsn.place) == lsn.timeline; }
  bool has(std::uint64_t segment) const;
  /// Its file's name, whether it is there or not.
  std::string name_of(std::uint64_t segment) const;
  /// Code::wal_missing when it is not there or too short.
  Status check(std::uint64_t segment) const;

  /// Calls `each` with every record that says something here and begins in `segments` from this one on, in the order of the
  /// WAL, until it answers false. The last record of the archive is not among them when it goes on behind it.
  /// Code::wal_missing names the segment that is missing or cannot be read.
  Status read(std::uint64_t segment, const std::function<bool(const WalRecord&)>& each) const;

 private:
  struct Branch {
    std::uint64_t begin;
    std::uint32_t timeline;
  };
  std::string folder_, version_;
  std::set<std::string> names_;
  std::vector<Branch> branches_;  // oldest first
  std::uint64_t first_ = 0, last_ = 0;
};

}  // namespace backstitch::database
