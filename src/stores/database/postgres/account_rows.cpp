#include "stores/database/postgres/account_rows.h"

#include <fmt/format.h>

namespace backstitch::database {
namespace {

constexpr const char* ids_sql = R"sql(
select 'order', id from backstitch.orders where account_id = $1
union select 'order', backstitch.order_id(item_id) from backstitch.attention where account_id = $1
union select 'inventory', id from backstitch.inventory where account_id = $1
union select 'asset', id from backstitch.asset where account_id = $1
order by 1, 2)sql";

std::string rows_sql() {
  std::string sql = "with o as (select id, backstitch.last_id(id) as last from unnest($1::uuid[]) as u(id)), rows as (";
  for (const char* table :
       {"orders", "order_doc", "order_item", "downstream_order", "downstream_item", "line_values", "plan", "item"})
    sql += fmt::format(
        "select '{0}' as name, t.id::text as key, o.id as of, to_jsonb(t)::text as document from o"
        " join backstitch.{0} t on t.id between o.id and o.last union all ",
        table);
  for (const auto& [table, key] : {std::pair("inventory", "$2"), {"asset", "$3"}})
    sql += fmt::format(
        "select '{0}', t.id::text, null, to_jsonb(t)::text from backstitch.{0} t where t.id = any({1}::uuid[])"
        " union all ",
        table, key);
  return sql +
         "select 'attention', t.item_id::text, o.id, to_jsonb(t)::text from o"
         " join backstitch.attention t on t.item_id between o.id and o.last"
         " union all select 'event', t.order_id || '/' || t.turn, o.id, to_jsonb(t)::text from o"
         " join backstitch.event t on t.order_id = o.id"
         " union all select 'order_key', t.source || '/' || t.source_order_id || '/' || t.version, t.order_id, to_jsonb(t)::text"
         " from backstitch.order_key t where t.order_id = any($1::uuid[])"
         ") select name, key, of, document from rows order by name, key";
}

}  // namespace

Result<AccountIds> account_ids(Connection& connection, const std::string& account_id) {
  Parameters parameters;
  parameters.text(account_id);
  const auto rows = connection.query(ids_sql, parameters);
  if (!rows) return fail(rows.error());
  AccountIds ids;
  for (int row = 0; row < rows->size(); ++row) {
    const std::string_view what = rows->text(row, 0);
    (what == "order" ? ids.orders : what == "asset" ? ids.assets : ids.inventory).push_back(rows->uuid(row, 1));
  }
  return ids;
}

Result<std::vector<AccountRow>> account_rows(Connection& connection, const AccountIds& ids) {
  Parameters parameters;
  for (const auto* list : {&ids.orders, &ids.inventory, &ids.assets}) parameters.uuids(*list, [](Bits128 id) { return id; });
  const auto rows = connection.query(rows_sql().c_str(), parameters);
  if (!rows) return fail(rows.error());
  std::vector<AccountRow> out;
  for (int row = 0; row < rows->size(); ++row)
    out.push_back({rows->string(row, 0), rows->string(row, 1), rows->uuid(row, 2), rows->string(row, 3)});
  return out;
}

}  // namespace backstitch::database
