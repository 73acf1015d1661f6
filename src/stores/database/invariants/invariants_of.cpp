// The same queries over the rows of some accounts: tables of the session that bear the names of the real ones stand before them.
#include "stores/database/backup/measure.h"
#include "stores/database/invariants/invariants.h"

namespace backstitch::database {
namespace {

constexpr const char* by_account[] = {"orders", "inventory", "asset", "attention"};
constexpr const char* by_order[] = {"order_doc", "order_item", "downstream_order", "downstream_item", "line_values",
                                    "plan",      "item"};

/// What is no account's alone: rows without an order, names and ids, and outcomes by their place in the log.
bool concerns_everybody(const std::string& invariant) {
  return invariant == "V-1" || invariant == "V-10" || invariant == "V-16" || invariant == "V-17";
}

Status make_table(Connection& session, const char* name) {
  return session.execute(fmt::format("create temp table {0} (like backstitch.{0} including indexes)", name));
}

Status take_rows(Connection& session, const std::vector<std::string>& accounts) {
  Parameters names;
  names.texts(accounts, [](const std::string& account) { return std::string_view(account); });
  for (const char* table : by_account) {
    BS_TRY(make_table(session, table));
    const std::string sql = fmt::format("insert into pg_temp.{0} select * from backstitch.{0} where account_id = any($1)", table);
    if (const auto taken = session.query(sql.c_str(), names); !taken) return fail(taken.error());
    BS_TRY(session.execute(fmt::format("analyze pg_temp.{}", table)));
  }
  for (const char* table : by_order) {
    BS_TRY(make_table(session, table));
    // "offset 0": each order's range is looked up in the index, whatever the planner makes of it.
    BS_TRY(session.execute(
        fmt::format("insert into pg_temp.{0} select t.* from pg_temp.orders o cross join lateral (select * from backstitch.{0} r "
                    "where r.id between o.id and backstitch.last_id(o.id) offset 0) t; analyze pg_temp.{0}",
                    table)));
  }
  return {};
}

Status check_some(Connection& session, bool of_everybody, std::vector<Violation>& out) {
  for (const std::string& invariant : invariant_ids()) {
    if (concerns_everybody(invariant) != of_everybody) continue;
    auto checked = check_invariants(session, invariant);
    if (!checked) return fail(std::move(checked.error()));
    out.push_back(std::move(checked->front()));
  }
  return {};
}

}  // namespace

Result<std::vector<Violation>> check_invariants_of(const std::string& connection, const std::vector<std::string>& accounts) {
  auto session = Connection::open(connection);
  if (!session) return fail(std::move(session.error()));
  BS_TRY(prepare_session(*session));
  std::vector<Violation> out;
  BS_TRY(check_some(*session, true, out));
  BS_TRY(take_rows(*session, accounts));
  BS_TRY(check_some(*session, false, out));
  return out;
}

}  // namespace backstitch::database
