// Digests of the database that is going to be left behind: taken of all its accounts beside the running platform, and in the
// outage again of whoever may have changed since. The log's tail names them; the WAL proves that nobody wrote but turns.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "recovery/saga/world.h"

namespace backstitch::recovery {

using AccountDigests = std::map<std::string, std::uint64_t>;

/// Kept in the evidence. Nothing is kept when the live database cannot be asked, or when a transaction in it does not end.
Status prepare_digests_before(World& world);

/// Of the database at `connection`, to which nobody writes any more, once the log is archived: of all accounts, as if each had
/// been looked at now. Looks at all of them where what was kept cannot be built upon: other commits than turns have touched their
/// rows since, or columns changed; a record of the tail concerns everybody; the WAL is not archived to its end, or not to be
/// read.
Result<AccountDigests> digests_before(World& world, const std::string& connection, bool wal_is_archived);

}  // namespace backstitch::recovery
