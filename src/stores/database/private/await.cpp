#include <libpq-fe.h>
#include <poll.h>

#include "base/time.h"
#include "stores/database/postgres/connection.h"
#include "stores/database/private/server.h"

namespace backstitch::database {

Status write_back(const std::string& connection) {
  auto session = Connection::open(connection);
  if (!session) return fail(std::move(session.error()));
  return session->execute("checkpoint");
}

bool takes_connections(const std::string& connection) { return PQping(connection.c_str()) == PQPING_OK; }

Status await_connections(const std::string& connection, std::int64_t timeout_ms) {
  return await_server("", connection, timeout_ms);
}

Status await_server(const std::string& folder, const std::string& connection, std::int64_t timeout_ms) {
  const std::int64_t deadline_ms = monotonic_ms() + timeout_ms;
  while (!takes_connections(connection)) {
    if (!folder.empty() && postmaster_of(folder) == 0)
      return fail(Code::database_start, "the server of {} has ended while it was waited for", folder);
    if (monotonic_ms() > deadline_ms) return fail(Code::database_start, "no connection within {} ms", timeout_ms);
    ::poll(nullptr, 0, 20);
  }
  return {};
}

}  // namespace backstitch::database
