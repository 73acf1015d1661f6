// Positions of a restored database, put where a recovery may go on from. For a database that its maker alone can reach.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "base/error.h"
#include "base/id.h"

namespace backstitch::database {

/// Turn numbers go on behind those that the mirror in the safe has seen, so that no number names two turns; and every update of
/// the CRM up to there counts as published: what a replay brings forth again was told before, and the net state follows.
/// Idempotent.
Status pass_turns(const std::string& connection, const std::map<Partition, std::uint64_t>& mirrored);

/// Commits of sessions to come do not wait for the disk any more: for a copy that is thrown away.
Status forgo_durability(const std::string& connection);

}  // namespace backstitch::database
