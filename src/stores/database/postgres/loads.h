// Reading whole orders and accounts: one range of ids an order and table, a query a table for many orders.
#pragma once
#include <string>
#include <vector>

#include "stores/database/port.h"
#include "stores/database/postgres/connection.h"

namespace backstitch::database {

/// Those that exist, in the order of their ids. Code::row_broken when a row holds what no row may hold.
Result<std::vector<StoredOrder>> load_orders(Connection& connection, std::vector<OrderId> ids);
Result<std::vector<OrderId>> open_orders(Connection& connection, const std::vector<Partition>& partitions);
/// One entry for each account asked for, in that order.
Result<std::vector<StoredAccount>> load_accounts(Connection& connection, const std::vector<std::string>& account_ids);
Result<std::vector<Position>> load_positions(Connection& connection);

/// Columns partition, epoch, term, turn, incoming, completer, published, catalog_digest, decision_digest.
std::vector<Position> positions_from(const Rows& rows);

/// The states in which an order is closed; as in the partial index orders_open, letter by letter.
inline constexpr const char* closed_order_states = "('Activated', 'Superseded', 'Rejected', 'Failed', 'Cancelled')";

OrderId last_of(OrderId id);  // end of the order's range of ids

}  // namespace backstitch::database
