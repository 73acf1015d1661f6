// What the service says of an instance.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "stores/database/rds/api.h"

namespace backstitch::database {

struct RdsInstance {
  std::string id, status, host, port, subnet_group, parameter_group, parameter_status, made_by;
  std::set<std::string> security_groups;
  Time latest;  // LatestRestorableTime; not set when it has no backups
  bool is_available() const { return status == "available"; }
  /// Its parameter group holds. "" is said of an instance without one.
  bool is_settled() const { return is_available() && parameter_status != "applying" && parameter_status != "pending-reboot"; }
};

/// Of <DBInstance>.
RdsInstance instance_of(std::string_view xml);
/// The tag that a copy of ours bears.
inline constexpr const char* copy_tag = "backstitch-copy";

/// What the copy has otherwise, and what was done about it: a line each.
std::vector<std::string> differences_between(const RdsInstance& source, const RdsInstance& copy);

}  // namespace backstitch::database
