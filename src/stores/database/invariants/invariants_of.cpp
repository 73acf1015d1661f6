// The same queries over the rows of some accounts: tables of the session that bear the names of the real ones stand before them.
#include "stores/database/backup/measure.h"
#include "stores/database/invariants/invariants.h"

namespace backstitch::database {
namespace {

constexpr const char* by_account[] = {"inventory", "asset", "attention"};
constexpr const char* by_order[] = {"order_doc", "order_item", "downstream_order", "downstream_item", "line_values",
                                    "plan",      "item"};
constexpr const char* under_order[] = {"order_key", "event"};  // rows with the order's own id

/// What is no account's alone: names and ids, outcomes by their place in the log, and, of whatever time, rows without an order.
bool concerns_everybody(const std::string& invariant, std::uint64_t moment) {
  return invariant == "V-10" || invariant == "V-16" || invariant == "V-17" || (invariant == "V-1" && moment == 0);
}

Status make_table(Connection& session, const char* name) {
  return session.execute(fmt::format("create temp table {0} (like backstitch.{0} including indexes)", name));
}

/// The orders of rows that were written since, whether there is such an order or not. Every row bears who wrote it last.
Status find_written(Connection& session, std::uint64_t moment) {
  std::string all;
  const auto add = [&](const std::string& id, const char* table) {
    all += fmt::format("{}select {} as id from backstitch.{} where age(xmin) <= age('{}'::xid)", all.empty() ? "" : " union ", id,
                       table, moment & 0xffff'ffff);
  };
  add("id", "orders");
  for (const char* table : by_order) add("backstitch.order_id(id)", table);
  for (const char* table : under_order) add("order_id", table);
  BS_TRY(session.execute("create temp table written (id uuid primary key)"));
  return moment == 0 ? Status() : session.execute("insert into pg_temp.written " + all);
}

Status take_rows(Connection& session, const std::vector<std::string>& accounts) {
  Parameters names;
  names.texts(accounts, [](const std::string& account) { return std::string_view(account); });
  const auto take = [&](const char* table, const std::string& rows, const Parameters& parameters = {}) -> Status {
    BS_TRY(make_table(session, table));
    const std::string sql = fmt::format("insert into pg_temp.{0} {1}", table, rows);
    if (const auto taken = session.query(sql.c_str(), parameters); !taken) return fail(taken.error());
    return session.execute(fmt::format("analyze pg_temp.{}", table));
  };
  for (const char* table : by_account)
    BS_TRY(take(table, fmt::format("select * from backstitch.{} where account_id = any($1)", table), names));
  BS_TRY(take("orders",
              "select * from backstitch.orders where account_id = any($1)"
              " union select o.* from pg_temp.written w join backstitch.orders o using (id)",
              names));
  BS_TRY(session.execute(
      "insert into pg_temp.written select id from pg_temp.orders on conflict do nothing; analyze pg_temp.written"));
  // "offset 0": each order's range is looked up in the index, whatever the planner makes of it.
  for (const char* table : by_order)
    BS_TRY(take(table, fmt::format("select t.* from pg_temp.written o cross join lateral (select * from backstitch.{} r "
                                   "where r.id between o.id and backstitch.last_id(o.id) offset 0) t",
                                   table)));
  for (const char* table : under_order)
    BS_TRY(take(table, fmt::format("select t.* from backstitch.{} t join pg_temp.written o on o.id = t.order_id", table)));
  return {};
}

Status check_some(Connection& session, bool of_everybody, std::uint64_t moment, std::vector<Violation>& out) {
  for (const std::string& invariant : invariant_ids()) {
    if (concerns_everybody(invariant, moment) != of_everybody) continue;
    auto checked = check_invariants(session, invariant);
    if (!checked) return fail(std::move(checked.error()));
    out.push_back(std::move(checked->front()));
  }
  return {};
}

}  // namespace

Result<std::uint64_t> moment_now(Connection& connection) {
  const auto rows = connection.query("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint");
  if (!rows) return fail(rows.error());
  return rows->number(0, 0);
}

Result<std::vector<Violation>> check_invariants_of(const std::string& connection, const std::vector<std::string>& accounts,
                                                   std::uint64_t moment) {
  auto session = Connection::open(connection);
  if (!session) return fail(std::move(session.error()));
  BS_TRY(prepare_session(*session));
  std::vector<Violation> out;
  BS_TRY(check_some(*session, true, moment, out));
  BS_TRY(find_written(*session, moment));
  BS_TRY(take_rows(*session, accounts));
  BS_TRY(check_some(*session, false, moment, out));
  return out;
}

}  // namespace backstitch::database
