#include "stores/database/rewind/positions.h"

#include "stores/database/postgres/connection.h"
#include "stores/database/postgres/parameters.h"

namespace backstitch::database {

Status pass_turns(const std::string& connection, const std::map<Partition, std::uint64_t>& mirrored) {
  auto session = Connection::open(connection);
  if (!session) return fail(std::move(session.error()));
  Parameters parameters;
  parameters.int4s(mirrored, [](const auto& entry) { return entry.first; });
  parameters.int8s(mirrored, [](const auto& entry) { return entry.second; });
  const auto moved = session->query(
      "update backstitch.position p set turn = greatest(p.turn, n.turn), published = greatest(p.turn, n.turn)"
      " from unnest($1::int[], $2::bigint[]) as n(partition, turn),"
      // Ours, and seen to be: whoever looks for writers past the engine does not find this one.
      " (select pg_logical_emit_message(true, 'backstitch', 'job')) as own where p.partition = n.partition",
      parameters);
  if (!moved) return fail(moved.error());
  return {};
}

Status forgo_durability(const std::string& connection) {
  auto session = Connection::open(connection);
  if (!session) return fail(std::move(session.error()));
  return session->execute("alter role current_user set synchronous_commit = off");
}

}  // namespace backstitch::database
