// How a recovery holds the other members of its instance: as a member itself, by a lease that all of them see.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "stores/database/members.h"

namespace backstitch {

/// From its begin to its end no platform joins the instance, and those that are members end their turns, their workers, and
/// leave.
class MembersHold {
 public:
  /// `own`: the platform beside the database, which is stopped otherwise.
  MembersHold(const std::string& connection, std::string own, std::int64_t silent_ms_max);
  ~MembersHold();
  MembersHold(const MembersHold&) = delete;
  MembersHold& operator=(const MembersHold&) = delete;

  struct Left {
    std::vector<std::string> stopped, ghosts;  // names; a ghost lived, and has not said that it stopped
    /// For so long a ghost, or one that nobody could ask, may let its workers call behind the database's end.
    std::int64_t lease_ms = 0;
  };
  /// Waits until all others have left, at most a lease and what ending takes.
  Left await() const;

 private:
  Result<database::Cluster> beat() const;

  const std::string own_;
  const std::int64_t silent_ms_max_;
  const std::unique_ptr<database::MemberTable> table_;
  database::Member self_;
  std::atomic<bool> stop_{false};
  mutable std::thread keeper_;  // keeps the lease once all have left, until the database is down
};

}  // namespace backstitch
