#include "stores/database/postgres/database.h"

#include "base/probe.h"
#include "stores/database/history/history.h"
#include "stores/database/postgres/loads.h"
#include "stores/database/postgres/migrate.h"
#include "stores/database/postgres/postgres_database.h"
#include "stores/database/postgres/shard.h"

namespace backstitch::database {
namespace {

Status done(const Result<Rows>& rows) {
  if (!rows) return fail(rows.error());
  return {};
}

/// An open transaction that is taken back unless it was committed. The message makes its commit known as ours.
template <class Statements>
Status in_transaction(Connection& connection, Statements statements) {
  BS_TRY(connection.execute(fmt::format("begin; select pg_logical_emit_message(true, '{}', 'job')", own_message_prefix)));
  Status status = statements(connection);
  if (status) return connection.execute("commit");
  if (!connection.is_broken()) BS_TRY(connection.execute("rollback"));
  return status;
}

}  // namespace

std::unique_ptr<Database> make_postgres_database(PostgresSettings settings) {
  return std::make_unique<PostgresDatabase>(settings);
}

Status PostgresDatabase::migrate() {
  return pool_.read([](Connection& connection) { return database::migrate(connection); });
}

Result<std::unique_ptr<Shard>> PostgresDatabase::open_shard() {
  return open_postgres_shard(settings_.connection, settings_.member);
}

Status PostgresDatabase::write(const std::function<Status(Connection&)>& statements) {
  auto lease = pool_.take_live();
  if (!lease) return fail(std::move(lease.error()));
  return in_transaction(**lease, [&](Connection& connection) -> Status {
    if (guarded(Guard::epoch)) {
      Parameters epoch;
      epoch.int8(static_cast<std::int64_t>(epoch_.load()));
      // The lock holds until the commit, so a change of epoch waits for this transaction and is seen by those behind it.
      BS_TRY(done(connection.query(
          "select 1 / (select count(*) from (select 1 from epoch where one and open and ($1::bigint = 0 or n = $1) for share) e)",
          epoch)));
    }
    if (!settings_.lease.empty()) {
      Parameters holder;
      holder.text(settings_.lease).text(settings_.member).int8(static_cast<std::int64_t>(settings_.term));
      BS_TRY(
          done(connection.query("select 1 / (select count(*) from (select 1 from lease where name = $1 and member = $2"
                                " and term = $3::bigint for share) l)",
                                holder)));
    }
    return statements(connection);
  });
}

Status PostgresDatabase::set_epoch(std::uint64_t n, bool open) {
  Parameters epoch;
  epoch.int8(static_cast<std::int64_t>(n)).boolean(open);
  auto lease = pool_.take_live();
  if (!lease) return fail(std::move(lease.error()));
  Status changed = in_transaction(**lease, [&](Connection& connection) -> Status {
    if (guarded(Guard::epoch)) {
      Parameters number;
      number.int8(static_cast<std::int64_t>(n));
      BS_TRY(done(connection.query(
          "select 1 / (select count(*) from (select 1 from epoch where one and n <= $1::bigint for update) e)", number)));
    }
    // Positions first, in the order of partitions like every turn: turns in flight end, those behind meet another term.
    BS_TRY(connection.execute("select 1 from position order by partition for update"));
    BS_TRY(
        done(connection.query("update position set epoch = $1::bigint, term = term + 1 where exists"
                              " (select from epoch where one and (n, open) is distinct from ($1::bigint, $2::boolean))",
                              epoch)));
    return done(connection.query("update epoch set n = $1::bigint, open = $2::boolean where one", epoch));
  });
  if (changed) epoch_ = n;
  return changed;
}

Result<std::vector<Position>> PostgresDatabase::positions() {
  return pool_.read([](Connection& connection) { return load_positions(connection); });
}

Status PostgresDatabase::ensure_partitions(int count) {
  auto there = positions();
  if (!there) return fail(std::move(there.error()));
  if (static_cast<int>(there->size()) == count) return {};
  if (!there->empty())
    return fail(Code::config_invalid,
                "this data folder was made with {} partitions, which is part of its identity; {} are configured", there->size(),
                count);
  return write([count](Connection& connection) {
    Parameters parameters;
    parameters.int4(count).time(wall_clock());
    return done(
        connection.query("insert into position select p, (select n from epoch), 0, 0, 1, 1, 0, '', 0, $2::timestamptz from "
                         "generate_series(0, $1::int - 1) p on conflict do nothing",
                         parameters));
  });
}

Result<std::map<Partition, std::uint64_t>> PostgresDatabase::crm_positions() {
  const auto rows =
      pool_.read([](Connection& connection) { return connection.query("select partition, next_offset from crm_position"); });
  if (!rows) return fail(rows.error());
  std::map<Partition, std::uint64_t> positions;
  for (int row = 0; row < rows->size(); ++row) positions[rows->int4(row, 0)] = rows->number(row, 1);
  return positions;
}

Status PostgresDatabase::store_crm_positions(const std::map<Partition, std::uint64_t>& positions) {
  if (positions.empty()) return {};
  return write([&](Connection& connection) {
    Parameters parameters;
    parameters.int4s(positions, [](const auto& entry) { return entry.first; }).int8s(positions, [](const auto& entry) {
      return entry.second;
    });
    return done(
        connection.query("insert into crm_position select * from unnest($1::int[], $2::bigint[])"
                         " on conflict (partition) do update set next_offset = excluded.next_offset",
                         parameters));
  });
}

Result<std::vector<Database::DesiredWorker>> PostgresDatabase::desired_workers() {
  const auto rows = pool_.read([](Connection& connection) {
    return connection.query("select lane, count, concurrency from desired_worker order by lane");
  });
  if (!rows) return fail(rows.error());
  std::vector<DesiredWorker> workers;
  for (int row = 0; row < rows->size(); ++row) workers.push_back({rows->string(row, 0), rows->int4(row, 1), rows->int4(row, 2)});
  return workers;
}

Status PostgresDatabase::store_desired_workers(const std::vector<DesiredWorker>& workers) {
  return write([&](Connection& connection) -> Status {
    BS_TRY(connection.execute("delete from desired_worker"));
    if (workers.empty()) return {};
    Parameters parameters;
    parameters.texts(workers, &DesiredWorker::lane)
        .int4s(workers, &DesiredWorker::count)
        .int4s(workers, &DesiredWorker::concurrency);
    return done(
        connection.query("insert into desired_worker select * from unnest($1::text[], $2::int[], $3::int[])", parameters));
  });
}

Status PostgresDatabase::store_catalog_version(const std::string& digest, std::int64_t index, const std::string& source, Time at,
                                               const std::string& content) {
  return write([&](Connection& connection) {
    Parameters parameters;
    parameters.text(digest).int8(index).text(source).time(at).text(content);
    return done(connection.query(
        // The digest names the content: another one under it is damage, and goes.
        "insert into catalog_version values ($1, $2::bigint, $3, $4::timestamptz, $5) on conflict (digest) do update"
        " set catalog_index = excluded.catalog_index, source = excluded.source, content = excluded.content"
        " where catalog_version.content <> excluded.content",
        parameters));
  });
}

Result<std::string> PostgresDatabase::catalog_content(const std::string& digest) {
  Parameters parameters;
  parameters.text(digest);
  const auto rows = pool_.read([&](Connection& connection) {
    return connection.query("select content from catalog_version where digest = $1", parameters);
  });
  if (!rows) return fail(rows.error());
  if (rows->size() == 0) return fail(Code::catalog_version_missing, "no catalog version {} is stored", digest);
  return rows->string(0, 0);
}

}  // namespace backstitch::database
