#include "stores/database/postgres/migrate.h"

#include <charconv>
#include <map>

#include "base/hash.h"
#include "stores/database/embedded_sql.h"
#include "stores/database/history/history.h"

namespace backstitch::database {
namespace {

int number_of(std::string_view name) {
  int number = 0;
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number;
}

Result<std::map<int, std::string>> applied_steps(Connection& connection) {
  const auto rows = connection.query("select number, digest from backstitch.migration");
  if (!rows) return fail(rows.error());
  std::map<int, std::string> applied;
  for (int row = 0; row < rows->size(); ++row) applied[rows->int4(row, 0)] = rows->string(row, 1);
  return applied;
}

Status note_step(Connection& connection, const EmbeddedSql& step) {
  Parameters parameters;
  parameters.int4(number_of(step.name)).text(step.name).text(sha256_hex(step.text)).time(wall_clock());
  const auto noted = connection.query("insert into backstitch.migration values ($1::int, $2, $3, $4::timestamptz)", parameters);
  if (!noted) return fail(noted.error());
  return {};
}

/// A database that somebody else runs may not let us name a point, or keep no WAL to go back by: then there is none of ours.
Status name_point(Connection& connection, std::string_view step) {
  const auto may = connection.query(
      "select 1 where has_function_privilege('pg_create_restore_point(text)', 'execute')"
      " and current_setting('wal_level') <> 'minimal'");
  if (!may) return fail(may.error());
  if (may->size() == 0) return {};
  Parameters name;
  name.text(fmt::format("before-{}", step));
  const auto point = connection.query("select pg_create_restore_point($1)", name);
  return point ? Status() : fail(point.error());
}

Status apply(Connection& connection, const EmbeddedSql& step) {
  BS_TRY(name_point(connection, step.name));
  BS_TRY(connection.execute(fmt::format(
      "begin; set local search_path = backstitch; select pg_logical_emit_message(true, '{}', 'migration')", own_message_prefix)));
  Status done = connection.execute(std::string(step.text));
  if (done) done = note_step(connection, step);
  if (done) return connection.execute("commit");
  if (!connection.is_broken()) BS_TRY(connection.execute("rollback"));
  return fail(Code::migration_failed, "{}: {}", step.name, done.error().detail);
}

Status apply_missing(Connection& connection) {
  const auto applied = applied_steps(connection);
  if (!applied) return fail(applied.error());
  const auto steps = embedded_migrations();
  if (!applied->empty() && applied->rbegin()->first > number_of(steps.back().name))
    return fail(Code::migration_failed, "the database stands at step {}, this program knows {}", applied->rbegin()->first,
                steps.back().name);
  for (const EmbeddedSql& step : steps) {
    const auto found = applied->find(number_of(step.name));
    if (found == applied->end())
      BS_TRY(apply(connection, step));
    else if (found->second != sha256_hex(step.text))
      return fail(Code::migration_failed, "{} was applied with another text", step.name);
  }
  return {};
}

}  // namespace

Status migrate(Connection& connection) {
  constexpr const char* lock = "select pg_advisory_lock(4711001)";  // two programs may start at once
  BS_TRY(connection.execute(lock));
  // `if not exists` asks for the right to make a schema also where it stands already, made for us by whoever runs the server.
  const auto missing = connection.query("select 1 where to_regnamespace('backstitch') is null");
  Status done = missing ? Status() : fail(missing.error());
  if (done && missing->size() > 0) done = connection.execute("create schema if not exists backstitch");
  if (done)
    done = connection.execute(
        "create table if not exists backstitch.migration"
        " (number integer primary key, name text not null, digest text not null, at timestamptz not null)");
  if (done) done = apply_missing(connection);
  if (!connection.is_broken()) BS_TRY(connection.execute("select pg_advisory_unlock(4711001)"));
  return done;
}

}  // namespace backstitch::database
