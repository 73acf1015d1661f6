// Who shall own what: a pure function of how the members stand. Each member decides for itself from the same picture, one after
// the other, so no leader is needed.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "stores/database/members.h"

namespace backstitch {

namespace roles {
inline constexpr const char *api = "api", *intake = "intake", *shard = "shard", *worker = "worker", *scheduler = "scheduler",
                            *crm_sync = "crm-sync", *catalog_sync = "catalog-sync", *worker_manager = "worker-manager";
/// All, in the order of documents.
const std::vector<std::string>& all();
}  // namespace roles

bool has_role(const database::Member& member, std::string_view role);
/// The lease of a recovery: while whoever holds it lives, all others end their turns and leave.
inline constexpr const char* recovery_lease = "recovery";
/// The holder's name; empty when there is none that lives.
std::string recovery_under_way(const database::Cluster& cluster, std::int64_t silent_ms_max);

/// Heard of within `silent_ms_max`: what it owns is not to be taken.
bool lives(const database::Member& member, std::int64_t silent_ms_max);

/// What `self` takes now: of partitions that nobody living owns as many as its share lacks (shares differ by one at most); leases
/// of `wanted` that nobody living holds. One that is leaving takes nothing.
database::Taken to_take(const database::Cluster& cluster, const std::string& self, const std::vector<std::string>& wanted,
                        std::int64_t silent_ms_max);
/// Partitions that `self` owns beyond its share: to be given back, for whoever has come.
std::vector<Partition> to_give(const database::Cluster& cluster, const std::string& self, std::int64_t silent_ms_max);

/// How many of `count` slots fall to `self` among the living members of that role.
int share_of(const database::Cluster& cluster, const std::string& self, std::string_view role, int count,
             std::int64_t silent_ms_max);

}  // namespace backstitch
