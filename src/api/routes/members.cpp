// Which processes are this instance, what each of them does, and in which term.
#include <boost/json.hpp>

#include "api/routes/routes.h"
#include "base/json.h"

namespace backstitch {
namespace json = boost::json;

json::array members_json(const Platform& platform) {
  json::array out;
  const auto cluster = platform.members();
  if (!cluster) return out;
  for (const database::Member& member : cluster->members) {
    json::array roles, partitions, leases;
    for (const std::string& role : member.roles) roles.emplace_back(role);
    for (const auto& one : cluster->partitions)
      if (one.member == member.name) partitions.push_back(json::object{{"partition", one.partition}, {"term", one.term}});
    for (const auto& one : cluster->leases)
      if (one.member == member.name) leases.push_back(json::object{{"name", one.name}, {"term", one.term}});
    const bool alive = lives(member, platform.config().member_silent_ms_max);
    json::object entry{{"name", member.name},       {"host", member.host}, {"alive", alive},
                       {"leaving", member.leaving}, {"api", member.api},   {"silentMs", member.silent_ms}};
    if (member.started_at.is_set()) entry["startedAt"] = rfc3339(member.started_at);
    entry["roles"] = std::move(roles), entry["partitions"] = std::move(partitions), entry["leases"] = std::move(leases);
    out.push_back(std::move(entry));
  }
  return out;
}

void add_member_routes(Router& router, Platform& platform) {
  router.add("GET", "/api/v1/members", {"stores", "read"}, "Processes of the instance: roles, partitions, terms",
             [&platform](const RouteCall&) {
               return json_response(200, write_json(json::object{{"items", members_json(platform)}, {"next", nullptr}}));
             });
}

}  // namespace backstitch
