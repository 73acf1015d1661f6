// The database role on any PostgreSQL of version 15 or later; the private cluster gives it its connection.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "stores/database/port.h"

namespace backstitch::database {

struct PostgresSettings {
  std::string connection;  // libpq's key=value text or URI
  int connections_max = 4;
  /// Of several processes on one database: a shard takes over only what belongs to this one (members.h). Empty: it is alone.
  std::string member;
  /// Each writing transaction is done only while `member` holds this lease in this term. Empty: without one.
  std::string lease;
  std::uint64_t term = 0;
};

/// Connects at first use, and again after PostgreSQL was away.
std::unique_ptr<Database> make_postgres_database(PostgresSettings settings);

}  // namespace backstitch::database
