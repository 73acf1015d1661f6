#include "stores/database/backup/measure.h"

#include <poll.h>

#include "base/files.h"
#include "base/hash.h"
#include "stores/database/backup/backup.h"
#include "stores/database/postgres/digests.h"
#include "stores/database/postgres/loads.h"

namespace backstitch::database {
namespace {

Result<std::vector<std::string>> table_names(Connection& connection) {
  const auto rows = connection.query(
      "select relname::text from pg_class where relnamespace = 'backstitch'::regnamespace and relkind in ('r', 'p') order by 1");
  if (!rows) return fail(rows.error());
  std::vector<std::string> names;
  for (int row = 0; row < rows->size(); ++row) names.push_back(rows->string(row, 0));
  return names;
}

Result<std::string> one_text(Connection& connection, const std::string& sql) {
  const auto rows = connection.query(sql.c_str());
  if (!rows) return fail(rows.error());
  return rows->string(0, 0);
}

}  // namespace

Status prepare_session(Connection& connection) {
  return connection.execute("set timezone = 'UTC'; set jit = off; set search_path = backstitch");
}

Result<Measured> measure(Connection& connection) {
  Measured measured;
  const auto tables = table_names(connection);
  if (!tables) return fail(tables.error());
  for (const std::string& table : *tables) {
    const std::string sql =
        fmt::format("select count(*), coalesce(bit_xor(hashtextextended(t::text, 0)), 0) from backstitch.{} t", table);
    const auto rows = connection.query(sql.c_str());
    if (!rows) return fail(rows.error());
    measured.tables[table] = {rows->int8(0, 0), rows->number(0, 1)};
  }
  BS_TRY(account_digests(connection,
                         [&](const std::string& account, std::uint64_t digest) { measured.accounts[account] = digest; }));
  return measured;
}

std::vector<std::string> differences(const Measured& live, const Measured& copy) {
  std::vector<std::string> out;
  for (const auto& [name, table] : live.tables) {
    const auto found = copy.tables.find(name);
    const Measured::Table other = found == copy.tables.end() ? Measured::Table{-1, 0} : found->second;
    if (other.rows == -1)
      out.push_back(fmt::format("table {}: missing in the copy", name));
    else if (other.rows != table.rows)
      out.push_back(fmt::format("table {}: {} rows, the copy has {}", name, table.rows, other.rows));
    else if (other.digest != table.digest)
      out.push_back(fmt::format("table {}: other content in {} rows", name, table.rows));
  }
  for (const auto& [account, digest] : live.accounts) {
    const auto found = copy.accounts.find(account);
    if (found == copy.accounts.end())
      out.push_back(fmt::format("account {}: missing in the copy", account));
    else if (found->second != digest)
      out.push_back(
          fmt::format("account {}: {} here, {} in the copy", account, digest64_text(digest), digest64_text(found->second)));
  }
  for (const auto& [account, digest] : copy.accounts)
    if (!live.accounts.contains(account)) out.push_back(fmt::format("account {}: only in the copy", account));
  return out;
}

Result<Moment> take_moment(const std::string& connection, const std::string& point) {
  auto locking = Connection::open(connection), reading = Connection::open(connection);
  if (!locking) return fail(std::move(locking.error()));
  if (!reading) return fail(std::move(reading.error()));
  BS_TRY(prepare_session(*locking));
  BS_TRY(prepare_session(*reading));
  const auto tables = table_names(*locking);
  if (!tables) return fail(tables.error());
  // No writer between the snapshot and the restore point: share locks wait for those under way and hold up those to come.
  // The snapshot is taken by the first query behind the locks. `position` first, as every turn begins there.
  std::string locks = "begin isolation level repeatable read; lock table position in share mode";
  for (const std::string& table : *tables) locks += fmt::format("; lock table {} in share mode", table);
  BS_TRY(locking->execute(locks));
  const auto snapshot = one_text(*locking, "select pg_export_snapshot()");
  if (!snapshot) return fail(snapshot.error());
  BS_TRY(
      reading->execute(fmt::format("begin isolation level repeatable read read only; set transaction snapshot '{}'", *snapshot)));
  const auto lsn = one_text(*locking, point.empty() ? std::string("select pg_current_wal_insert_lsn()::text")
                                                    : fmt::format("select pg_create_restore_point('{}')::text", point));
  if (!lsn) return fail(lsn.error());
  const auto timeline = locking->query("select timeline_id from pg_control_checkpoint()");
  if (!timeline) return fail(timeline.error());
  BS_TRY(locking->execute("commit"));
  return Moment{std::move(*reading), point, lsn_text(timeline->int4(0, 0), *lsn)};
}

Result<std::string> place_of(Connection& connection) {
  const auto place = connection.query("select timeline_id, pg_current_wal_insert_lsn()::text from pg_control_checkpoint()");
  if (!place) return fail(place.error());
  return lsn_text(place->int4(0, 0), place->string(0, 1));
}

// A commit is written before it is seen. So a place says nothing of those that have a number by then: they must have ended.
Result<Glimpse> take_glimpse_from(const std::string& connection, std::int64_t timeout_ms) {
  auto reading = Connection::open(connection);
  if (!reading) return fail(std::move(reading.error()));
  BS_TRY(prepare_session(*reading));
  const auto place = place_of(*reading);
  if (!place) return fail(place.error());
  const auto number = reading->query(
      "select pg_current_xact_id()::text::bigint, pg_logical_emit_message(true, 'backstitch', 'job')");  // behind all of them
  if (!number) return fail(number.error());
  Parameters ours;
  ours.int8(number->int8(0, 0));
  for (const std::int64_t deadline_ms = monotonic_ms() + timeout_ms; monotonic_ms() <= deadline_ms; ::poll(nullptr, 0, 20)) {
    BS_TRY(reading->execute("begin isolation level repeatable read read only"));
    const auto ended = reading->query("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint > $1", ours);
    if (!ended) return fail(ended.error());
    if (ended->boolean(0, 0)) {
      auto positions = load_positions(*reading);
      if (!positions) return fail(std::move(positions.error()));
      return Glimpse{std::move(*reading), std::move(*positions), *place};
    }
    BS_TRY(reading->execute("rollback"));
  }
  return fail(Code::backup_failed, "a transaction has been under way for more than {} ms", timeout_ms);
}

Result<Glimpse> take_glimpse(const std::string& connection) {
  auto reading = Connection::open(connection);
  if (!reading) return fail(std::move(reading.error()));
  BS_TRY(prepare_session(*reading));
  BS_TRY(reading->execute("begin isolation level repeatable read read only"));
  auto positions = load_positions(*reading);  // the first query takes the snapshot
  if (!positions) return fail(std::move(positions.error()));
  const auto place = place_of(*reading);
  if (!place) return fail(place.error());
  return Glimpse{std::move(*reading), std::move(*positions), *place};
}

Status archive_now(const std::string& connection, const std::string& wal_folder, std::int64_t timeout_ms) {
  auto live = Connection::open(connection);
  if (!live) return fail(std::move(live.error()));
  const auto segment = one_text(*live, "select pg_walfile_name(pg_switch_wal())");
  if (!segment) return fail(segment.error());
  const std::int64_t deadline_ms = monotonic_ms() + timeout_ms;
  while (!file_exists(wal_folder + "/" + *segment)) {
    if (monotonic_ms() > deadline_ms)
      return fail(Code::backup_failed, "WAL segment {} did not reach {} within {} ms", *segment, wal_folder, timeout_ms);
    ::poll(nullptr, 0, 20);
  }
  return {};
}

}  // namespace backstitch::database
