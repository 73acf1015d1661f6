// Where the database of somebody else stands now: a recovery may have moved it, and the configuration still says where it was.
// Kept in the safe (database/e0002.json), which is outside every rollback.
#pragma once
#include <string>

#include "stores/database/external/external.h"
#include "stores/safe/port.h"

namespace backstitch::database {

struct Standing {
  std::uint64_t epoch = 0;      // that it was moved in; 0: it was never moved
  std::string host, port;       // of libpq; the rest of the address stands
  std::string folder, sockets;  // of a cluster that the platform itself serves from then on; else empty
  std::string instance;         // its name at whoever runs it, if it has one
  bool moved() const { return epoch > 0; }
};

/// Noted for whoever finds the database at `from` in its configuration. Idempotent.
Status keep_standing(safe::Safe& safe, const ExternalAddress& from, const Standing& standing);
/// The newest for this address; one that was configured anew stands where it says.
Result<Standing> standing_of(safe::Safe& safe, const ExternalAddress& configured);
/// The address that holds there.
Result<ExternalAddress> address_at(const ExternalAddress& configured, const Standing& standing);

}  // namespace backstitch::database
