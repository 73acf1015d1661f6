// A disk that forgets: a file system under the log that knows, per file, what has been synced. Tests only.
//
// A power cut makes every later write fail; once the queue is closed, lose_unsynced() leaves on disk what a real one may
// leave: per file at least what was synced, and of files whose folder entry was not synced nothing at all.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/error.h"

namespace rocksdb {
class Env;
}

namespace backstitch::queue {

/// Thread-safe. Must outlive the queues that use it.
class FaultLayer {
 public:
  FaultLayer();
  ~FaultLayer();

  void power_cut();
  /// The power goes at the n-th write or sync from now, which fails already.
  void power_cut_after(std::uint64_t operations);
  bool power_is_cut() const;
  /// Call when the queue is closed; the power is back afterwards. With a seed, a file keeps a part of its unsynced tail, as a
  /// disk may; without, none of it.
  Status lose_unsynced(std::optional<std::uint64_t> seed = std::nullopt);

  /// The next `writes` writes of log files find the disk full, each after half of its bytes.
  void fail_writes_disk_full(int writes);
  /// The next `syncs` syncs of log files fail, with ENOSPC (the bytes are in the file) or EIO.
  void fail_syncs(int syncs, bool disk_full);
  /// What the disk says it has left; nullopt = the truth.
  void free_bytes(std::optional<std::int64_t> bytes);
  /// Called before each sync of a log file, on the thread that syncs.
  void before_sync(std::function<void()> call);
  std::uint64_t operations() const;  // writes and syncs so far

  rocksdb::Env* env();  // for the adapter

 private:
  class State;
  class FaultyFile;
  class FaultyFolder;
  class FaultySystem;
  std::shared_ptr<State> state_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace backstitch::queue
