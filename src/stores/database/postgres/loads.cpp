#include "stores/database/postgres/loads.h"

#include <algorithm>
#include <unordered_map>

namespace backstitch::database {
namespace {

constexpr std::size_t orders_per_query = 1000;

/// The orders of one batch, found by the prefix of any of their rows' ids.
class Batch {
 public:
  explicit Batch(std::vector<StoredOrder>& orders) : orders_(orders) {}
  void add(StoredOrder order) {
    index_[order.order.id] = orders_.size();
    orders_.push_back(std::move(order));
  }
  /// Rows without their order are V-1's business, not a load's.
  StoredOrder* of(Bits128 id) {
    const auto found = index_.find(order_of(id));
    return found == index_.end() ? nullptr : &orders_[found->second];
  }

 private:
  std::vector<StoredOrder>& orders_;
  std::unordered_map<OrderId, std::size_t> index_;
};

Parameters ranges(const std::vector<OrderId>& ids) {
  Parameters parameters;
  parameters.uuids(ids, &OrderId::bits).uuids(ids, [](OrderId id) { return last_of(id).bits; });
  return parameters;
}

/// Runs the query and hands each row to `take(rows, row)`.
template <class Take>
Status each_row(Connection& connection, const std::string& sql, const Parameters& parameters, Take take) {
  const auto rows = connection.query(sql.c_str(), parameters);
  if (!rows) return fail(rows.error());
  for (int row = 0; row < rows->size(); ++row)
    if (Status taken = take(*rows, row); !taken) return taken;
  return {};
}

// "offset 0" keeps each range a look-up in the index. Joined plainly, PostgreSQL takes a range for a ninth of the table, walks
// through all of it in order, and tries every range on every row: 13 s instead of 4 ms for 500 orders of 100,000.
std::string in_ranges(const char* columns, const char* table) {
  return fmt::format(
      "select {} from unnest($1::uuid[], $2::uuid[]) as u(first, last) cross join lateral"
      " (select * from backstitch.{} r where r.id between u.first and u.last offset 0) t order by t.id",
      columns, table);
}

template <class State>
Result<State> state_or_broken(std::optional<State> state, const char* table, Bits128 id, std::string_view text) {
  if (!state) return fail(Code::row_broken, "{} {} has the state \"{}\", which no row may have", table, uuid_text(id), text);
  return *state;
}

Status load_heads(Connection& connection, const Parameters& ids, Batch& batch) {
  const std::string sql =
      "select t.id, t.account_id, t.partition, t.state, t.catalog_digest, t.created_at, t.changed_at, d.body_digest, d.doc, "
      "d.graph"
      " from unnest($1::uuid[]) as u(id) join backstitch.orders t using (id) left join backstitch.order_doc d using (id) order "
      "by t.id";
  return each_row(connection, sql, ids, [&](const Rows& rows, int row) -> Status {
    StoredOrder stored;
    const OrderId id{rows.uuid(row, 0)};
    const auto state = state_or_broken(order_state_from(rows.text(row, 3)), "order", id.bits, rows.text(row, 3));
    if (!state) return fail(state.error());
    stored.order = {
        id, rows.string(row, 1), rows.int4(row, 2), *state, rows.string(row, 4), rows.time(row, 5), rows.time(row, 6), false};
    if (rows.is_null(row, 7)) return fail(Code::row_broken, "order {} has no document", id.text());
    stored.doc = {id, rows.string(row, 7), rows.string(row, 8), rows.string(row, 9)};
    batch.add(std::move(stored));
    return {};
  });
}

Status load_lines(Connection& connection, const Parameters& range, const char* table, const char* what, Batch& batch,
                  std::vector<LineRow> StoredOrder::* into) {
  const std::string columns = fmt::format("t.id, t.{}, t.state, t.changed_at", what);
  return each_row(connection, in_ranges(columns.c_str(), table), range, [&](const Rows& rows, int row) -> Status {
    if (StoredOrder* order = batch.of(rows.uuid(row, 0)))
      (order->*into).push_back({rows.uuid(row, 0), rows.string(row, 1), rows.string(row, 2), rows.time(row, 3), false});
    return {};
  });
}

Status load_values(Connection& connection, const Parameters& range, Batch& batch) {
  return each_row(connection, in_ranges("t.id, t.data", "line_values"), range, [&](const Rows& rows, int row) -> Status {
    if (StoredOrder* order = batch.of(rows.uuid(row, 0)))
      order->line_values.push_back({DownstreamItemId{rows.uuid(row, 0)}, rows.string(row, 1)});
    return {};
  });
}

Status load_plans(Connection& connection, const Parameters& range, Batch& batch) {
  return each_row(connection, in_ranges("t.id, t.state, t.item_count, t.created_at, t.changed_at", "plan"), range,
                  [&](const Rows& rows, int row) -> Status {
                    const auto state =
                        state_or_broken(plan_state_from(rows.text(row, 1)), "plan", rows.uuid(row, 0), rows.text(row, 1));
                    if (!state) return fail(state.error());
                    if (StoredOrder* order = batch.of(rows.uuid(row, 0)))
                      order->plan = PlanRow{PlanId{rows.uuid(row, 0)}, *state, rows.int4(row, 2), rows.time(row, 3),
                                            rows.time(row, 4),         false};
                    return {};
                  });
}

Status load_items(Connection& connection, const Parameters& range, Batch& batch) {
  const char* columns =
      "t.id, t.system, t.state, t.attempt, t.call, t.error, t.digest, t.started_at, t.ended_at, t.due_at, t.owner";
  return each_row(connection, in_ranges(columns, "item"), range, [&](const Rows& rows, int row) -> Status {
    const auto state = state_or_broken(item_state_from(rows.text(row, 2)), "item", rows.uuid(row, 0), rows.text(row, 2));
    if (!state) return fail(state.error());
    if (StoredOrder* order = batch.of(rows.uuid(row, 0)))
      order->items.push_back({ItemId{rows.uuid(row, 0)}, rows.string(row, 1), *state, rows.int4(row, 3), rows.int4(row, 4),
                              rows.string(row, 5), rows.number(row, 6), rows.time(row, 7), rows.time(row, 8), rows.time(row, 9),
                              rows.string(row, 10), false});
    return {};
  });
}

Status load_batch(Connection& connection, const std::vector<OrderId>& ids, std::vector<StoredOrder>& into) {
  Batch batch(into);
  Parameters heads;
  heads.uuids(ids, &OrderId::bits);
  BS_TRY(load_heads(connection, heads, batch));
  const Parameters range = ranges(ids);
  BS_TRY(load_lines(connection, range, "order_item", "action", batch, &StoredOrder::order_items));
  BS_TRY(load_lines(connection, range, "downstream_order", "domain", batch, &StoredOrder::downstream_orders));
  BS_TRY(load_lines(connection, range, "downstream_item", "action", batch, &StoredOrder::downstream_items));
  BS_TRY(load_values(connection, range, batch));
  BS_TRY(load_plans(connection, range, batch));
  return load_items(connection, range, batch);
}

}  // namespace

OrderId last_of(OrderId id) { return {{id.bits.hi, id.bits.lo | 0xffffffffffffull}}; }

Result<std::vector<StoredOrder>> load_orders(Connection& connection, std::vector<OrderId> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::vector<StoredOrder> orders;
  for (std::size_t from = 0; from < ids.size(); from += orders_per_query) {
    const std::size_t to = std::min(ids.size(), from + orders_per_query);
    const std::vector<OrderId> part(ids.begin() + static_cast<std::ptrdiff_t>(from),
                                    ids.begin() + static_cast<std::ptrdiff_t>(to));
    BS_TRY(load_batch(connection, part, orders));
  }
  return orders;
}

Result<std::vector<OrderId>> open_orders(Connection& connection, const std::vector<Partition>& partitions) {
  Parameters parameters;
  parameters.int4s(partitions, [](Partition partition) { return partition; });
  std::vector<OrderId> ids;
  const std::string sql = fmt::format(
      "select id from backstitch.orders where partition = any($1) and state not in {} order by id", closed_order_states);
  BS_TRY(each_row(connection, sql, parameters, [&](const Rows& rows, int row) -> Status {
    ids.push_back({rows.uuid(row, 0)});
    return {};
  }));
  return ids;
}

std::vector<Position> positions_from(const Rows& rows) {
  std::vector<Position> positions;
  for (int row = 0; row < rows.size(); ++row)
    positions.push_back({rows.int4(row, 0), rows.number(row, 1), rows.number(row, 2), rows.number(row, 3), rows.number(row, 4),
                         rows.number(row, 5), rows.number(row, 6), rows.string(row, 7), rows.number(row, 8)});
  std::sort(positions.begin(), positions.end(), [](const Position& a, const Position& b) { return a.partition < b.partition; });
  return positions;
}

Result<std::vector<Position>> load_positions(Connection& connection) {
  const auto rows = connection.query(
      "select partition, epoch, term, turn, incoming, completer, published, catalog_digest, decision_digest from "
      "backstitch.position");
  if (!rows) return fail(rows.error());
  return positions_from(*rows);
}

}  // namespace backstitch::database
