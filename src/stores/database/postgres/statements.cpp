#include "stores/database/postgres/statements.h"

#include <fmt/format.h>

#include "base/probe.h"
#include "stores/database/history/history.h"
#include "stores/database/postgres/access.h"

namespace backstitch::database {
namespace {

/// The update locks the positions, so a change of epoch, which also moves every position's term, waits for the turns before
/// it and is seen by those behind it. The division by zero voids the whole pipeline. The message makes the commit known as ours.
std::string fence() {
  const char* offsets = guarded(Guard::positions) ? "incoming = n.incoming, completer = n.completer, " : "";
  const char* owner = guarded(Guard::epoch) ? " and p.epoch = n.epoch and p.term = n.term" : "";
  const char* epoch =
      guarded(Guard::epoch) ? " and exists (select from backstitch.epoch e where e.one and e.open and e.n = all($2))" : "";
  return fmt::format(
      "with moved as ("
      " update backstitch.position as p set turn = n.turn, {}published = n.published,"
      "   catalog_digest = n.catalog_digest, decision_digest = n.decision_digest, changed_at = n.changed_at"
      " from unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[],"
      "   $9::bigint[], $10::timestamptz[])"
      "   as n(partition, epoch, term, turn, incoming, completer, published, catalog_digest, decision_digest, changed_at)"
      " where p.partition = n.partition and p.turn = n.turn - 1{} returning 1)"
      " select 1 / ((select count(*) from moved) = cardinality($1){})::int, pg_logical_emit_message(true, '{}', 'turn')",
      offsets, owner, epoch, own_message_prefix);
}

/// "insert into TABLE (COLUMNS) select * from unnest($1::TYPE[], …)"
std::string insert(const char* table, const char* columns, std::vector<const char*> types, const char* conflict = "") {
  std::string arrays;
  for (std::size_t i = 0; i < types.size(); ++i) arrays += fmt::format("{}${}::{}[]", i == 0 ? "" : ", ", i + 1, types[i]);
  return fmt::format("insert into backstitch.{} ({}) select * from unnest({}){}", table, columns, arrays, conflict);
}

std::string line_insert(const char* table, const char* what) {
  return insert(table, fmt::format("id, {}, state, changed_at", what).c_str(), {"uuid", "text", "text", "timestamptz"});
}

std::string line_update(const char* table) {
  return fmt::format(
      "update backstitch.{} t set state = u.state, changed_at = u.changed_at"
      " from unnest($1::uuid[], $2::text[], $3::timestamptz[]) as u(id, state, changed_at) where t.id = u.id",
      table);
}

std::string item_update_sql() {
  return "update backstitch.item t set state = u.state, system = u.system, attempt = u.attempt, call = u.call, error = u.error,"
         " digest = u.digest, started_at = u.started_at, ended_at = u.ended_at, due_at = u.due_at, owner = u.owner"
         " from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::int[], $6::text[], $7::bigint[], $8::timestamptz[],"
         " $9::timestamptz[], $10::timestamptz[], $11::text[])"
         " as u(id, system, state, attempt, call, error, digest, started_at, ended_at, due_at, owner) where t.id = u.id";
}

std::string orders_update_sql() {
  return "update backstitch.orders t set state = u.state, catalog_digest = u.catalog_digest, changed_at = u.changed_at"
         " from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) as u(id, state, catalog_digest, changed_at)"
         " where t.id = u.id";
}

std::string plan_update_sql() {
  return "update backstitch.plan t set state = u.state, item_count = u.item_count, changed_at = u.changed_at"
         " from unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[]) as u(id, state, item_count, changed_at)"
         " where t.id = u.id";
}

/// Of whole orders, and of orders that lost their own row. Which rows there are is not known: that is why they are taken away.
std::string take_orders_sql() {
  std::string sql = "with u as (select * from unnest($1::uuid[], $2::uuid[]) as u(first, last))";
  for (const char* table :
       {"orders", "order_doc", "order_item", "downstream_order", "downstream_item", "line_values", "plan", "item"})
    sql += fmt::format(", taken_{0} as (delete from backstitch.{0} t using u where t.id between u.first and u.last)", table);
  sql += ", taken_event as (delete from backstitch.event t using u where t.order_id = u.first)";
  return sql +
         ", taken_attention as (delete from backstitch.attention t using u where t.item_id between u.first and u.last) select";
}

void add_taking_statements(std::vector<StatementText>& all) {
  using enum Statement;
  all.push_back({take_orders, "take_orders", take_orders_sql(), false});
  all.push_back({take_keys, "take_keys",
                 "delete from backstitch.order_key t using unnest($1::text[], $2::text[], $3::int[]) as u(source, id, version)"
                 " where t.source = u.source and t.source_order_id = u.id and t.version = u.version",
                 false});
  all.push_back({take_inventory, "take_inventory",
                 "delete from backstitch.inventory t using unnest($1::uuid[]) as u(id) where t.id = u.id", false});
}

void add_order_statements(std::vector<StatementText>& all) {
  using enum Statement;
  all.push_back(
      {order_key, "order_key",
       insert("order_key", "source, source_order_id, version, order_id, salt", {"text", "text", "int", "uuid", "int"})});
  all.push_back({orders_insert, "orders_insert",
                 insert("orders", "id, account_id, partition, state, catalog_digest, created_at, changed_at",
                        {"uuid", "text", "int", "text", "text", "timestamptz", "timestamptz"})});
  all.push_back({orders_update, "orders_update", orders_update_sql()});
  all.push_back({order_doc, "order_doc",
                 insert("order_doc", "id, body_digest, doc, graph", {"uuid", "text", "text", "text"},
                        " on conflict (id) do update set graph = excluded.graph")});
  all.push_back({order_item_insert, "order_item_insert", line_insert("order_item", "action")});
  all.push_back({order_item_update, "order_item_update", line_update("order_item")});
  all.push_back({downstream_order_insert, "downstream_order_insert", line_insert("downstream_order", "domain")});
  all.push_back({downstream_order_update, "downstream_order_update", line_update("downstream_order")});
  all.push_back({downstream_item_insert, "downstream_item_insert", line_insert("downstream_item", "action")});
  all.push_back({downstream_item_update, "downstream_item_update", line_update("downstream_item")});
  all.push_back({line_values, "line_values",
                 insert("line_values", "id, data", {"uuid", "text"}, " on conflict (id) do update set data = excluded.data")});
}

void add_plan_statements(std::vector<StatementText>& all) {
  using enum Statement;
  all.push_back(
      {plan_insert, "plan_insert",
       insert("plan", "id, state, item_count, created_at, changed_at", {"uuid", "text", "int", "timestamptz", "timestamptz"})});
  all.push_back({plan_update, "plan_update", plan_update_sql()});
  all.push_back(
      {item_insert, "item_insert",
       insert("item", "id, system, state, attempt, call, error, digest, started_at, ended_at, due_at, owner",
              {"uuid", "text", "text", "int", "int", "text", "bigint", "timestamptz", "timestamptz", "timestamptz", "text"})});
  all.push_back({item_update, "item_update", item_update_sql()});
  all.push_back(
      {event, "event", insert("event", "order_id, turn, at, count, data", {"uuid", "bigint", "timestamptz", "int", "text"})});
  all.push_back(
      {attention_set, "attention_set",
       insert("attention", "item_id, order_id, kind, state, system, error, item_key, account_id, owner, since",
              {"uuid", "uuid", "text", "text", "text", "text", "text", "text", "text", "timestamptz"},
              " on conflict (item_id) do update set kind = excluded.kind, state = excluded.state, system = excluded.system,"
              " error = excluded.error, owner = excluded.owner, since = excluded.since")});
  all.push_back({attention_remove, "attention_remove",
                 "delete from backstitch.attention t using unnest($1::uuid[]) as u(id) where t.item_id = u.id", false});
}

void add_account_statements(std::vector<StatementText>& all) {
  using enum Statement;
  all.push_back(
      {asset, "asset",
       insert("asset",
              "id, account_id, partition, asset_ref, product, state, quantity, data, changed_by, line_id, created_at, changed_at",
              {"uuid", "text", "int", "text", "text", "text", "bigint", "text", "uuid", "text", "timestamptz", "timestamptz"},
              " on conflict (id) do update set account_id = excluded.account_id, partition = excluded.partition,"
              " created_at = excluded.created_at, asset_ref = excluded.asset_ref, product = excluded.product,"
              " state = excluded.state, quantity = excluded.quantity, data = excluded.data,"
              " changed_by = excluded.changed_by, line_id = excluded.line_id, changed_at = excluded.changed_at")});
  all.push_back(
      {inventory, "inventory",
       insert("inventory",
              "id, account_id, partition, product, scope_key, state, asset_id, no_asset_reason, asset_ref, system,"
              " system_ref, data, service_record, changed_by, created_at, changed_at",
              {"uuid", "text", "int", "text", "text", "text", "uuid", "text", "text", "text", "text", "text", "text", "uuid",
               "timestamptz", "timestamptz"},
              " on conflict (id) do update set account_id = excluded.account_id, partition = excluded.partition,"
              " created_at = excluded.created_at, scope_key = excluded.scope_key, product = excluded.product, state = "
              "excluded.state,"
              " asset_id = excluded.asset_id, no_asset_reason = excluded.no_asset_reason, asset_ref = excluded.asset_ref,"
              " system = excluded.system, system_ref = excluded.system_ref, data = excluded.data,"
              " service_record = excluded.service_record, changed_by = excluded.changed_by, changed_at = excluded.changed_at")});
  // One that an inventory item of another account points at stays: the audit goes on naming it.
  all.push_back({take_assets, "take_assets",
                 "delete from backstitch.asset t using unnest($1::uuid[]) as u(id) where t.id = u.id"
                 " and not exists (select from backstitch.inventory i where i.asset_id = t.id)",
                 false});
  all.push_back({command, "command",
                 insert("command", "id, partition, queue_offset, kind, state, code, detail, actor, subject, at",
                        {"uuid", "int", "bigint", "text", "text", "text", "text", "text", "text", "timestamptz"})});
  all.push_back({system_state, "system_state",
                 insert("system_state", "partition, system, up, changed_at", {"int", "text", "boolean", "timestamptz"},
                        " on conflict (partition, system) do update set up = excluded.up,"
                        " changed_at = excluded.changed_at")});
}

std::vector<StatementText> make_statements() {
  std::vector<StatementText> all;
  all.push_back({Statement::fence, "fence", fence()});
  all.push_back(
      {Statement::turn, "turn",
       insert("turn",
              "partition, turn, at, epoch, term, incoming_from, incoming_to, completer_from, completer_to, catalog_digest,"
              " engine_version, decision_digest, inputs, crm",
              {"int", "bigint", "timestamptz", "bigint", "bigint", "bigint", "bigint", "bigint", "bigint", "text", "text",
               "bigint", "int", "text"})});
  add_taking_statements(all);
  add_order_statements(all);
  add_plan_statements(all);
  add_account_statements(all);
  add_access_statements(all);
  return all;
}

}  // namespace

const std::vector<StatementText>& turn_statements() {
  static const std::vector<StatementText> all = make_statements();
  return all;
}

const char* shard_session() {
  return "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off;"
         "set enable_mergejoin = off; set enable_bitmapscan = off; set enable_material = off; set jit = off; set timezone = "
         "'UTC'";
}

}  // namespace backstitch::database
