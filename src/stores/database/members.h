// Which processes of an instance live, and which of them owns what: partitions, and what only one may do at a time. All moments
// are those of the database's clock. Nothing here is folded from the log or read by a decision.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/id.h"
#include "base/time.h"

namespace backstitch::database {

struct Member {
  std::string name;  // "host-pid-started": never given twice
  std::string host;
  std::vector<std::string> roles;
  std::string api, workers;  // addresses; empty when it serves none
  bool leaving = false;      // it gives back what it owns, and takes nothing
  Time started_at;
  std::int64_t silent_ms = 0;  // since it was last heard of
};
struct PartitionOwner {
  Partition partition = 0;
  std::string member;      // empty: nobody
  std::uint64_t term = 0;  // every writing transaction of a shard is checked against it
};
struct Lease {
  std::string name, member;  // member empty: nobody
  std::uint64_t term = 0;
};
struct Cluster {
  std::vector<Member> members;             // by name
  std::vector<PartitionOwner> partitions;  // by number
  std::vector<Lease> leases;               // by name
};

/// What a member takes for itself of what nobody owns, or somebody who is dead.
struct Taken {
  std::vector<Partition> partitions;
  std::vector<std::string> leases;
};

/// One connection, made anew after an error. One thread at a time.
class MemberTable {
 public:
  virtual ~MemberTable() = default;
  /// Says that `self` lives, then takes what `decide` names from how all stands; in one transaction, alone among all members.
  /// Returns how it stands after that. Code::database_unreachable, also when another member keeps all others waiting.
  virtual Result<Cluster> beat(const Member& self, const std::function<Taken(const Cluster&)>& decide) = 0;
  virtual Result<Cluster> look() = 0;
  /// What the member still owns of these is free from now on.
  virtual Status release(const std::string& member, const Taken& what) = 0;
  /// It is gone, and all that it owned is free.
  virtual Status leave(const std::string& member) = 0;
};

std::unique_ptr<MemberTable> make_postgres_members(const std::string& connection);

}  // namespace backstitch::database
