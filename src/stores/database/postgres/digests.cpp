#include "stores/database/postgres/digests.h"

namespace backstitch::database {
namespace {

/// A digest a row, folded by exclusive or: the order of rows does not count, and no row is there twice. Rows name the order by
/// their id's prefix. Events are taken as one text an order, since turns cut them differently in every run.
constexpr const char* digests_sql = R"sql(
with rows as (
  select account_id, hashtextextended(t::text, 1) as digest from orders t
  union all select account_id, hashtextextended(t::text, 2) from inventory t
  union all select account_id, hashtextextended(t::text, 3) from asset t
  union all select account_id, hashtextextended(t::text, 4) from attention t
  union all
  select o.account_id, r.digest from (
    select id, hashtextextended(t::text, 5) as digest from order_doc t
    union all select id, hashtextextended(t::text, 6) from order_item t
    union all select id, hashtextextended(t::text, 7) from downstream_order t
    union all select id, hashtextextended(t::text, 8) from downstream_item t
    union all select id, hashtextextended(t::text, 9) from line_values t
    union all select id, hashtextextended(t::text, 10) from plan t
    union all select id, hashtextextended(t::text, 11) from item t
    union all select order_id, hashtextextended(t::text, 12) from order_key t
    union all
    select order_id, hashtextextended(order_id::text || string_agg(data, '' order by turn), 13) from event group by order_id
  ) r join orders o on o.id = order_id(r.id)
)
select account_id, bit_xor(digest) from rows group by account_id order by account_id)sql";

/// The same rows under the same seeds, found from the account's side.
constexpr const char* digest_sql = R"sql(
with o as materialized (select id, backstitch.last_id(id) as last from backstitch.orders where account_id = $1),
rows as (
  select hashtextextended(t::text, 1) as digest from backstitch.orders t where account_id = $1
  union all select hashtextextended(t::text, 2) from backstitch.inventory t where account_id = $1
  union all select hashtextextended(t::text, 3) from backstitch.asset t where account_id = $1
  union all select hashtextextended(t::text, 4) from backstitch.attention t where account_id = $1
  union all select hashtextextended(t::text, 5) from o join backstitch.order_doc t on t.id between o.id and o.last
  union all select hashtextextended(t::text, 6) from o join backstitch.order_item t on t.id between o.id and o.last
  union all select hashtextextended(t::text, 7) from o join backstitch.downstream_order t on t.id between o.id and o.last
  union all select hashtextextended(t::text, 8) from o join backstitch.downstream_item t on t.id between o.id and o.last
  union all select hashtextextended(t::text, 9) from o join backstitch.line_values t on t.id between o.id and o.last
  union all select hashtextextended(t::text, 10) from o join backstitch.plan t on t.id between o.id and o.last
  union all select hashtextextended(t::text, 11) from o join backstitch.item t on t.id between o.id and o.last
  union all select hashtextextended(t::text, 12) from backstitch.order_key t where order_id = any(array(select id from o))
  union all
  select hashtextextended(o.id::text || string_agg(t.data, '' order by t.turn), 13)
  from o join backstitch.event t on t.order_id = o.id group by o.id
)
select coalesce(bit_xor(digest), 0) from rows)sql";

/// Again the same, of some accounts. "offset 0": each order's range is looked up in the index, whatever the planner makes of it.
constexpr const char* digests_of_sql = R"sql(
with o as materialized (select id, account_id, last_id(id) as last from orders where account_id = any($1)),
rows as (
  select account_id, hashtextextended(t::text, 1) as digest from orders t where account_id = any($1)
  union all select account_id, hashtextextended(t::text, 2) from inventory t where account_id = any($1)
  union all select account_id, hashtextextended(t::text, 3) from asset t where account_id = any($1)
  union all select account_id, hashtextextended(t::text, 4) from attention t where account_id = any($1)
  union all
  select o.account_id, r.digest from o cross join lateral (
    select hashtextextended(t::text, 5) as digest from order_doc t where t.id between o.id and o.last
    union all select hashtextextended(t::text, 6) from order_item t where t.id between o.id and o.last
    union all select hashtextextended(t::text, 7) from downstream_order t where t.id between o.id and o.last
    union all select hashtextextended(t::text, 8) from downstream_item t where t.id between o.id and o.last
    union all select hashtextextended(t::text, 9) from line_values t where t.id between o.id and o.last
    union all select hashtextextended(t::text, 10) from plan t where t.id between o.id and o.last
    union all select hashtextextended(t::text, 11) from item t where t.id between o.id and o.last
    union all
    select hashtextextended(e.order_id::text || string_agg(e.data, '' order by e.turn), 13)
    from event e where e.order_id = o.id group by e.order_id
    offset 0
  ) r
  union all
  select o.account_id, hashtextextended(t::text, 12) from order_key t join o on o.id = t.order_id
)
select account_id, bit_xor(digest) from rows group by account_id)sql";

constexpr const char* columns_sql = R"sql(
select hashtextextended(string_agg(concat_ws(' ', c.relname, a.attname, a.atttypid, a.attnum), ','
                                   order by c.relname, a.attnum), 0)
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'backstitch' and c.relname::text = any($1) and a.attnum > 0 and not a.attisdropped)sql";

Status hand_out(const Result<Rows>& rows, const std::function<void(const std::string&, std::uint64_t)>& each) {
  if (!rows) return fail(rows.error());
  for (int row = 0; row < rows->size(); ++row) each(rows->string(row, 0), rows->number(row, 1));
  return {};
}

}  // namespace

const std::set<std::string>& digested_tables() {
  static const std::set<std::string> all{
      "orders",          "inventory",   "asset", "attention", "order_doc", "order_item", "downstream_order",
      "downstream_item", "line_values", "plan",  "item",      "order_key", "event"};
  return all;
}

Result<std::uint64_t> digested_columns(Connection& connection) {
  Parameters tables;
  tables.texts(digested_tables(), [](const std::string& table) { return std::string_view(table); });
  const auto rows = connection.query(columns_sql, tables);
  if (!rows) return fail(rows.error());
  return rows->number(0, 0);
}

Status account_digests_of(Connection& connection, const std::vector<std::string>& accounts,
                          const std::function<void(const std::string&, std::uint64_t)>& each) {
  Parameters names;
  names.texts(accounts, [](const std::string& account) { return std::string_view(account); });
  return hand_out(connection.query(digests_of_sql, names), each);
}

Result<std::uint64_t> account_digest(Connection& connection, const std::string& account_id) {
  Parameters parameters;
  parameters.text(account_id);
  const auto rows = connection.query(digest_sql, parameters);
  if (!rows) return fail(rows.error());
  return rows->number(0, 0);
}

Status account_digests(Connection& connection, const std::function<void(const std::string&, std::uint64_t)>& each) {
  return hand_out(connection.query(digests_sql), each);
}

}  // namespace backstitch::database
