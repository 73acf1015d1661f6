// The statements of a turn. Prepared once a connection; the plan of each is a nested loop over the primary key for ever.
#pragma once
#include <string>
#include <vector>

namespace backstitch::database {

enum class Statement {
  fence,
  turn,
  take_orders,
  take_keys,
  take_inventory,
  order_key,
  orders_insert,
  orders_update,
  order_doc,
  order_item_insert,
  order_item_update,
  downstream_order_insert,
  downstream_order_update,
  downstream_item_insert,
  downstream_item_update,
  line_values,
  plan_insert,
  plan_update,
  item_insert,
  item_update,
  event,
  attention_set,
  attention_remove,
  asset,
  inventory,
  take_assets,
  command,
  system_state,
  user_clear,
  user_remove,
  user_set,
  membership_remove,
  membership_set,
  grant_remove,
  grant_set
};

struct StatementText {
  Statement statement;
  const char* name;
  std::string sql;
  bool exact = true;  // touches as many rows as it was given; anything else is a damaged or foreign row
};

/// In the order of Statement. What a test build leaves out (base/probe.h) is left out here.
const std::vector<StatementText>& turn_statements();

/// Session settings of a shard's connection.
const char* shard_session();

}  // namespace backstitch::database
