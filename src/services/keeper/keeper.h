// What must happen by itself from the first day: the invariants are asked continuously, and there is always a base backup young
// enough; now and then the log is folded again and compared (nightly_audit.h). One thread; a failure is logged and tried again,
// never fatal.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "services/keeper/nightly_audit.h"
#include "stores/database/port.h"

namespace backstitch {

struct KeeperSettings {
  std::int64_t verify_every_ms = 60'000;      // 0: never
  std::int64_t backup_every_ms = 86'400'000;  // 0: never
  NightlyAuditSettings audit = {.every_ms = 0};
};

class Keeper {
 public:
  using Verify = std::function<Result<std::vector<database::Violation>>()>;
  /// `verify` asks every invariant there is. `newest_backup` gives its time, not set when there is none; `back_up` takes one.
  /// After the database went back only those of its new timeline count, so that the first one is taken at once: without it there
  /// would be no good way back again.
  Keeper(KeeperSettings settings, Verify verify, std::function<Result<Time>()> newest_backup, std::function<Status()> back_up);
  ~Keeper();
  std::int64_t violations() const { return violations_; }
  /// Sentence about the last round of invariants; empty before the first.
  std::string last_verify() const;

 private:
  void run();
  void verify();
  void keep_backup();

  KeeperSettings settings_;
  Verify verify_;
  std::function<Result<Time>()> newest_backup_;
  std::function<Status()> back_up_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string last_verify_;
  bool stop_ = false;
  std::atomic<std::int64_t> violations_{0};
  std::thread thread_;
};

}  // namespace backstitch
