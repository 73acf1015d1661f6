// The rows of one account as documents, so that two databases can be compared row by row and column by column.
#pragma once
#include <string>
#include <vector>

#include "stores/database/postgres/connection.h"

namespace backstitch::database {

/// What rows are found by. Attention rows name the order of their item.
struct AccountIds {
  std::vector<Bits128> orders, inventory, assets;
};

struct AccountRow {
  std::string table;     // "item"
  std::string id;        // its key as text; of order_key "source/id/version", of event "order/turn"
  Bits128 order;         // whose range of ids it lies in; zero for things of the account
  std::string document;  // JSON, a member a column
};

/// What the database holds of the account.
Result<AccountIds> account_ids(Connection& connection, const std::string& account_id);
/// All rows of these orders and things, whatever account they name: a row that lost its account is found too.
Result<std::vector<AccountRow>> account_rows(Connection& connection, const AccountIds& ids);

}  // namespace backstitch::database
