// How other members of the instance reach the private cluster of one of them: over the network, as a role of their own.
#pragma once
#include <string>

#include "stores/database/private/cluster.h"

namespace backstitch::database {

/// Who comes over the network: it may what the owner of the tables may.
inline constexpr const char* member_role = "backstitch_member";

struct Door {
  std::string address, password;  // IPv4 of one interface, port 5432; of the role
};

/// Before the cluster is started: it will listen there. From its own subnet that role comes in, and nobody else.
Status open_door(const PrivateCluster& cluster, const Door& door);
/// Behind its start: makes the role, also after the database went back to a moment before it was there. Starts the server again
/// when another one had stood on the folder, which did not listen. Code::database_start, …
Status let_members_in(PrivateCluster& cluster, const Door& door);

}  // namespace backstitch::database
