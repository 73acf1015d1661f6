// Starts an audit when one is due and says what came of it. The audit is a process of its own: it belongs to recovery, and it may
// take an hour while verify and backups go on.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/time.h"

namespace backstitch {

struct NightlyAuditSettings {
  std::int64_t every_ms = 86'400'000;  // 0: never
  std::int64_t retry_ms = 3'600'000;   // after one that could not be made; at most every_ms
  std::vector<std::string> command;    // prints the document of `backstitch audit --json`
  std::string folder;                  // of audit.json, when the last one was made, and of what the running one prints
};

/// One thread.
class NightlyAudit {
 public:
  explicit NightlyAudit(NightlyAuditSettings settings);
  ~NightlyAudit();  // one that runs is ended, and takes its copy away
  NightlyAudit(const NightlyAudit&) = delete;
  NightlyAudit& operator=(const NightlyAudit&) = delete;

  /// Never waits. The first one is due `every_ms` after the data folder was first seen; a restart does not begin that anew.
  void look(Time now);
  bool is_running() const { return child_.has_value(); }
  /// Accounts and partitions of the last one that are not what their log says; not set before the first.
  std::optional<std::int64_t> differences() const { return differences_; }

 private:
  void begin(Time now);
  void end(int exit_status, Time now);
  void note(Time at);

  NightlyAuditSettings settings_;
  Time next_;
  std::optional<std::int64_t> differences_;
  std::optional<ProcessId> child_;
};

}  // namespace backstitch
