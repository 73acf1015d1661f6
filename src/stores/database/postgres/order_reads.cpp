// Orders for people and the API.
#include <algorithm>

#include "stores/database/postgres/json_rows.h"
#include "stores/database/postgres/loads.h"
#include "stores/database/postgres/postgres_database.h"

namespace backstitch::database {
namespace {

using boost::json::array;
using boost::json::object;

template <class AnyId>
array lines_json(const std::vector<LineRow>& rows, const char* what) {
  array lines;
  for (const LineRow& row : rows)
    lines.push_back(
        object{{"id", AnyId{row.id}.text()}, {what, row.what}, {"state", row.state}, {"changedAt", time_json(row.changed_at)}});
  return lines;
}

array downstream_items_json(const StoredOrder& order) {
  array lines = lines_json<DownstreamItemId>(order.downstream_items, "action");
  for (const LineValuesRow& row : order.line_values)
    for (auto& line : lines)
      if (line.as_object().at("id").as_string() == row.id.text()) line.as_object()["values"] = json_or_text(row.values);
  return lines;
}

array crm_json(const StoredOrder& order) {
  array taken;
  for (const LineValuesRow& row : order.line_values)
    if (boost::json::value held = held_json(row.values); !held.is_null()) taken.push_back(std::move(held));
  return taken;
}

boost::json::value plan_json(const StoredOrder& order) {
  if (!order.plan) return nullptr;
  std::map<std::string, std::int64_t> by_state;
  for (const ItemRow& row : order.items) ++by_state[to_text(row.state)];
  object states;
  for (const auto& [state, count] : by_state) states[state] = count;
  const PlanRow& plan = *order.plan;
  return object{{"id", plan.id.text()},
                {"state", to_text(plan.state)},
                {"itemCount", plan.item_count},
                {"itemStates", std::move(states)},
                {"createdAt", time_json(plan.created_at)},
                {"changedAt", time_json(plan.changed_at)}};
}

object order_json(const StoredOrder& stored) {
  boost::json::value document = json_or_text(stored.doc.document);
  object out{{"id", stored.order.id.text()}};
  for (const char* name : {"source", "sourceOrderId", "version", "orderNumber"})
    if (const auto* member = document.is_object() ? document.as_object().if_contains(name) : nullptr) out[name] = *member;
  out["accountId"] = stored.order.account_id;
  out["partition"] = stored.order.partition;
  out["state"] = to_text(stored.order.state);
  out["catalogDigest"] = stored.order.catalog_digest;
  out["createdAt"] = time_json(stored.order.created_at);
  out["changedAt"] = time_json(stored.order.changed_at);
  out["bodyDigest"] = stored.doc.body_digest;
  out["orderItems"] = lines_json<OrderItemId>(stored.order_items, "action");
  out["downstreamOrders"] = lines_json<DownstreamOrderId>(stored.downstream_orders, "domain");
  out["downstreamItems"] = downstream_items_json(stored);
  out["plan"] = plan_json(stored);
  out["crm"] = crm_json(stored);
  out["document"] = std::move(document);
  return out;
}

/// The first id an order of this time can have: the order's time stands in front of the id.
Bits128 first_id_at(Time time) { return time.us <= 0 ? Bits128{} : Bits128{static_cast<std::uint64_t>(time.ms()) << 16, 0}; }

/// The engine's events, each with its turn; `data` holds an object a line.
void append_events(array& events, std::int64_t turn, Time at, std::string_view data) {
  while (!data.empty()) {
    const auto end = std::min(data.find('\n'), data.size());
    if (end > 0) {
      boost::json::value event = json_or_text(data.substr(0, end));
      if (!event.is_object()) event = object{{"text", event}};
      event.as_object()["turn"] = std::to_string(turn);
      if (!event.as_object().contains("at")) event.as_object()["at"] = rfc3339(at);
      events.push_back(std::move(event));
    }
    data.remove_prefix(std::min(end + 1, data.size()));
  }
}

}  // namespace

Result<StoredOrder> PostgresDatabase::stored_order(OrderId id) {
  auto orders = pool_.read([&](Connection& connection) { return load_orders(connection, {id}); });
  if (!orders) return fail(std::move(orders.error()));
  if (orders->empty()) return fail(Code::order_not_found, "there is no order {}", id.text());
  return std::move(orders->front());
}

Result<std::string> PostgresDatabase::order(OrderId id) {
  const auto stored = stored_order(id);
  if (!stored) return fail(stored.error());
  return write_json(order_json(*stored));
}

Result<std::vector<OrderHead>> PostgresDatabase::find_orders(const std::vector<OrderKeyRow>& wanted) {
  if (wanted.empty()) return std::vector<OrderHead>{};
  Parameters parameters;
  parameters.texts(wanted, &OrderKeyRow::source)
      .texts(wanted, &OrderKeyRow::source_order_id)
      .int4s(wanted, &OrderKeyRow::version);
  const auto rows = pool_.read([&](Connection& connection) {
    return connection.query(
        "select k.source, k.source_order_id, k.version, k.order_id, k.salt, o.state, o.created_at, o.changed_at"
        " from unnest($1::text[], $2::text[], $3::int[]) as u(source, source_order_id, version)"
        " join order_key k using (source, source_order_id, version) join orders o on o.id = k.order_id",
        parameters);
  });
  if (!rows) return fail(rows.error());
  std::vector<OrderHead> heads;
  for (int row = 0; row < rows->size(); ++row) {
    const auto state = order_state_from(rows->text(row, 5));
    if (!state) return fail(Code::database_failed, "an order in state {}", rows->text(row, 5));
    heads.push_back({{rows->string(row, 0), rows->string(row, 1), rows->int4(row, 2), {rows->uuid(row, 3)}, rows->int4(row, 4)},
                     *state,
                     rows->time(row, 6),
                     rows->time(row, 7)});
  }
  return heads;
}

Result<std::string> PostgresDatabase::orders(const ListFilter& filter) {
  const auto cursor = cursor_of<OrderId>(filter.cursor);
  if (!cursor) return fail(cursor.error());
  Parameters parameters;
  parameters.text(filter.state).text(filter.account_id).uuid(*cursor).uuid(first_id_at(filter.since)).int4(filter.limit + 1);
  const auto rows = pool_.read([&](Connection& connection) {
    return connection.query(
        "select o.id, o.account_id, o.state, o.created_at, o.changed_at, d.doc::jsonb->>'source', d.doc::jsonb->>'sourceOrderId',"
        " d.doc::jsonb->>'version', d.doc::jsonb->>'orderNumber' from orders o left join order_doc d using (id)"
        " where ($1 = '' or o.state = $1) and ($2 = '' or o.account_id = $2) and o.id > $3::uuid and o.id >= $4::uuid"
        " order by o.id limit $5::int",
        parameters);
  });
  if (!rows) return fail(rows.error());
  return page_json<OrderId>(*rows, filter.limit, [&](int row) {
    return object{{"id", id_json<OrderId>(rows->uuid(row, 0))},     {"source", text_json(rows->text(row, 5))},
                  {"sourceOrderId", text_json(rows->text(row, 6))}, {"version", std::atoi(rows->string(row, 7).c_str())},
                  {"orderNumber", text_json(rows->text(row, 8))},   {"accountId", text_json(rows->text(row, 1))},
                  {"state", text_json(rows->text(row, 2))},         {"createdAt", time_json(rows->time(row, 3))},
                  {"changedAt", time_json(rows->time(row, 4))}};
  });
}

Result<std::string> PostgresDatabase::order_events(OrderId id) {
  if (const auto there = stored_order(id); !there) return fail(there.error());
  Parameters parameters;
  parameters.uuid(id.bits);
  const auto rows = pool_.read([&](Connection& connection) {
    return connection.query("select turn, at, data from event where order_id = $1::uuid order by turn", parameters);
  });
  if (!rows) return fail(rows.error());
  array events;
  for (int row = 0; row < rows->size(); ++row) append_events(events, rows->int8(row, 0), rows->time(row, 1), rows->text(row, 2));
  return write_json(object{{"items", std::move(events)}, {"next", nullptr}});
}

}  // namespace backstitch::database
