// The database role on a PostgreSQL that somebody else runs: nothing of it is made, started, stopped or backed up by us, so what
// it must be is asked before anything is written there.
#pragma once
#include <string>

#include "base/error.h"

namespace backstitch::database {

struct ExternalAddress {
  std::string connection;  // for libpq, with what our sessions need; may hold a password
  std::string place;       // for people: "db.example:5432/backstitch"
  std::string database, user;
};

/// Of a URI or key=value text. Code::config_invalid; the message holds no part of the text, which may hold a password.
Result<ExternalAddress> external_address(const std::string& text);
/// The same database and role at another server.
Result<ExternalAddress> moved_address(const ExternalAddress& address, const std::string& host, const std::string& port);
/// Whether a password stands in the text itself.
bool holds_password(const std::string& text);

/// Version, encoding, order of texts, durability, rights, and that nobody else's schema stands there: everything that is wrong,
/// as faults of one Code::store_unfit. Code::database_unreachable. Writes nothing.
Status check_external(const ExternalAddress& address);

/// The mark that makes the database this instance's. `id` is what the safe holds, empty when it holds none yet. Returns the id
/// that stands there from now on: the safe must keep it. Code::store_unfit when another instance's stands there. After migrate().
Result<std::string> claim_database(const ExternalAddress& address, const std::string& instance, const std::string& id);

}  // namespace backstitch::database
