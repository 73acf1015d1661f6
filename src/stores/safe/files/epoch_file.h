// The epoch as a small JSON file, {"n":3,"open":false,"saga":"rec-…"}: changed under a lock between processes, by rename.
#pragma once
#include <string>

#include "stores/safe/port.h"

namespace backstitch::safe::files {

class EpochFile {
 public:
  explicit EpochFile(std::string folder);
  /// Writes {1, open} when there is none yet; Code::safe_failed when there is none but `in_use`: a lost epoch that began again
  /// at 1 would let every old writer back in.
  Status make_if_missing(bool in_use);
  Result<Epoch> read() const;
  Status change(const Epoch& expected, const Epoch& wanted);

 private:
  const std::string path_, lock_path_;
};

}  // namespace backstitch::safe::files
