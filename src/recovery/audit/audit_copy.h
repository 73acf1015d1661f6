// What the log is folded into for an audit: the oldest backup at its own end, or an empty database. Gone with the object.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "recovery/audit/audit.h"
#include "stores/database/private/scratch_cluster.h"

namespace backstitch::recovery {

class AuditCopy {
 public:
  /// Restores the oldest backup that the live line of history passes.
  static Result<std::unique_ptr<AuditCopy>> restore(const AuditSettings& settings, const AuditSources& sources);
  static Result<std::unique_ptr<AuditCopy>> empty(const AuditSettings& settings, int partitions);
  ~AuditCopy();
  AuditCopy(const AuditCopy&) = delete;
  AuditCopy& operator=(const AuditCopy&) = delete;

  database::Database& database() { return *database_; }
  std::string connection() const { return connection_; }  // for libpq
  std::string from() const { return from_; }
  /// Foreign commits are looked for from here; not set: from the beginning of the archive.
  database::Lsn begin() const { return begin_; }

 private:
  explicit AuditCopy(const AuditSettings& settings) : settings_(settings) {}
  Status open(const std::string& connection);
  void watch(std::function<void()> pull_away);

  const AuditSettings& settings_;
  std::unique_ptr<database::Copy> restored_;
  std::unique_ptr<database::ScratchCluster> scratch_;
  std::unique_ptr<database::Database> database_;
  std::string from_, connection_;
  database::Lsn begin_;
  std::atomic<bool> end_{false};
  std::thread watcher_;
};

}  // namespace backstitch::recovery
