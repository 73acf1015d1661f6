#include "stores/database/private/door.h"

#include "base/files.h"
#include "stores/database/history/history.h"
#include "stores/database/postgres/connection.h"

namespace backstitch::database {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char character : text) out += character == '\'' ? std::string("''") : std::string(1, character);
  return out + "'";
}

}  // namespace

// What initdb writes trusts the loopback device, on which nobody listened until now: it comes behind a line that refuses it.
Status open_door(const PrivateCluster& cluster, const Door& door) {
  const std::string rules_file = cluster.folder() + "/pg_hba.conf", settings_file = cluster.folder() + "/backstitch.conf";
  const std::string ours =
      fmt::format("host all {} samenet scram-sha-256\nhost all all all reject\nhost replication all all reject\n", member_role);
  const auto rules = read_file(rules_file), settings = read_file(settings_file);
  if (!rules) return fail(rules.error());
  if (!settings) return fail(settings.error());
  if (!rules->starts_with(ours)) BS_TRY(write_file_durably(rules_file, ours + *rules));
  const std::string listens = fmt::format("listen_addresses = '{}'\n", door.address);
  return settings->ends_with(listens) ? Status() : write_file_durably(settings_file, *settings + listens);
}

Status let_members_in(PrivateCluster& cluster, const Door& door) {
  auto session = Connection::open(cluster.connection());
  if (!session) return fail(std::move(session.error()));
  const auto listens = session->query("show listen_addresses");
  if (!listens) return fail(listens.error());
  if (listens->string(0, 0) != door.address) {
    BS_TRY(cluster.stop());
    BS_TRY(open_door(cluster, door));
    BS_TRY(cluster.start());
    session = Connection::open(cluster.connection());
    if (!session) return fail(std::move(session.error()));
  }
  return session->execute(
      fmt::format("set log_statement = none; begin;"
                  "do $$ begin if to_regrole('{0}') is null then create role {0} login in role postgres; end if; end $$;"
                  "alter role {0} login password {1}; alter role {0} set log_min_duration_statement = -1;"
                  "alter role {0} set log_executor_stats = off;"
                  "select pg_logical_emit_message(true, '{2}', 'job'); commit",
                  member_role, quoted(door.password), own_message_prefix));
}

}  // namespace backstitch::database
