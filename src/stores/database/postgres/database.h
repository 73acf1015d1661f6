// The database role on any PostgreSQL of version 15 or later; the private cluster gives it its connection.
#pragma once
#include <memory>
#include <string>

#include "stores/database/port.h"

namespace backstitch::database {

struct PostgresSettings {
  std::string connection;  // libpq's key=value text or URI
  int connections_max = 4;
};

/// Connects at first use, and again after PostgreSQL was away.
std::unique_ptr<Database> make_postgres_database(PostgresSettings settings);

}  // namespace backstitch::database
