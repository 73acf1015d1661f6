#include "services/members/assign.h"

#include <algorithm>
#include <set>

namespace backstitch {
namespace {

using database::Cluster;
using database::Member;

/// Names of those that take part, in order.
std::vector<std::string> taking_part(const Cluster& cluster, std::string_view role, std::int64_t silent_ms_max) {
  std::vector<std::string> names;
  for (const Member& member : cluster.members)
    if (lives(member, silent_ms_max) && !member.leaving && has_role(member, role)) names.push_back(member.name);
  std::sort(names.begin(), names.end());
  return names;
}

int share(const std::vector<std::string>& names, const std::string& self, int count) {
  const auto place = std::find(names.begin(), names.end(), self);
  if (place == names.end()) return 0;
  const int members = static_cast<int>(names.size()), index = static_cast<int>(place - names.begin());
  return count / members + (index < count % members ? 1 : 0);
}

std::vector<Partition> owned_by(const Cluster& cluster, const std::string& self) {
  std::vector<Partition> owned;
  for (const auto& one : cluster.partitions)
    if (one.member == self) owned.push_back(one.partition);
  return owned;
}

std::size_t share_of_partitions(const Cluster& cluster, const std::string& self, std::int64_t silent_ms_max) {
  return static_cast<std::size_t>(
      share_of(cluster, self, roles::shard, static_cast<int>(cluster.partitions.size()), silent_ms_max));
}

}  // namespace

const std::vector<std::string>& roles::all() {
  static const std::vector<std::string> names = {intake, shard, worker, scheduler, crm_sync, catalog_sync, worker_manager, api};
  return names;
}

bool has_role(const Member& member, std::string_view role) {
  return std::find(member.roles.begin(), member.roles.end(), role) != member.roles.end();
}

bool lives(const Member& member, std::int64_t silent_ms_max) { return member.silent_ms < silent_ms_max; }

std::string recovery_under_way(const Cluster& cluster, std::int64_t silent_ms_max) {
  for (const auto& lease : cluster.leases)
    for (const auto& member : cluster.members)
      if (lease.name == recovery_lease && lease.member == member.name && lives(member, silent_ms_max)) return member.name;
  return {};
}

int share_of(const Cluster& cluster, const std::string& self, std::string_view role, int count, std::int64_t silent_ms_max) {
  return share(taking_part(cluster, role, silent_ms_max), self, count);
}

database::Taken to_take(const Cluster& cluster, const std::string& self, const std::vector<std::string>& wanted,
                        std::int64_t silent_ms_max) {
  std::set<std::string> living;  // also one that is leaving: it gives back what it has ended
  bool leaving = true;
  for (const Member& member : cluster.members) {
    if (lives(member, silent_ms_max)) living.insert(member.name);
    if (member.name == self) leaving = member.leaving;
  }
  database::Taken taken;
  if (leaving) return taken;
  const std::size_t mine = owned_by(cluster, self).size(), most = share_of_partitions(cluster, self, silent_ms_max);
  for (const auto& one : cluster.partitions)
    if (mine + taken.partitions.size() < most && !living.contains(one.member)) taken.partitions.push_back(one.partition);
  for (const std::string& name : wanted) {
    const auto lease =
        std::find_if(cluster.leases.begin(), cluster.leases.end(), [&](const auto& one) { return one.name == name; });
    if (lease == cluster.leases.end() || !living.contains(lease->member)) taken.leases.push_back(name);
  }
  return taken;
}

std::vector<Partition> to_give(const Cluster& cluster, const std::string& self, std::int64_t silent_ms_max) {
  std::vector<Partition> owned = owned_by(cluster, self);
  const std::size_t keep = std::min(owned.size(), share_of_partitions(cluster, self, silent_ms_max));
  owned.erase(owned.begin(), owned.begin() + static_cast<std::ptrdiff_t>(keep));
  return owned;
}

}  // namespace backstitch
