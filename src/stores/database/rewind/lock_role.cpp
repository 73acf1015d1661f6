#include <poll.h>

#include "base/time.h"
#include "stores/database/postgres/connection.h"
#include "stores/database/rewind/restored_cluster.h"

namespace backstitch::database {
namespace {

constexpr std::int64_t leave_timeout_ms = 10'000;

/// Also a session that was just signing in while the role was locked: they are asked for until none is left.
Status end_sessions(Connection& connection, const std::string& role) {
  const std::int64_t deadline_ms = monotonic_ms() + leave_timeout_ms;
  for (;;) {
    const auto left =
        connection.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", Parameters().text(role));
    if (!left) return fail(left.error());
    if (left->size() == 0) return {};
    if (monotonic_ms() > deadline_ms) return fail(Code::database_failed, "{} sessions of role {} do not end", left->size(), role);
    ::poll(nullptr, 0, 20);
  }
}

}  // namespace

Status lock_role_out(const std::string& connection, const std::string& role) {
  auto session = Connection::open(connection);
  if (!session) return fail(std::move(session.error()));
  const auto found =
      session->query("select rolname = current_user, format('alter role %I nologin', rolname) from pg_roles where rolname = $1",
                     Parameters().text(role));
  if (!found) return fail(found.error());
  if (found->size() == 0) return fail(Code::database_failed, "there is no role {}", role);
  if (found->boolean(0, 0)) return fail(Code::database_failed, "{} is our own role", role);
  BS_TRY(session->execute(found->string(0, 1)));
  return end_sessions(*session, role);
}

}  // namespace backstitch::database
