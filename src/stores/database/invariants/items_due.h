// Which items wait for a moment: each must have its timer (V-14), and no query can see whether it has.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"
#include "base/id.h"
#include "base/time.h"

namespace backstitch::database {

struct ItemDue {
  ItemId item;
  Partition partition = 0;
  Time due;
  std::string account_id, kind;  // of its timer
};

/// Of all orders, as committed, in no order. In a session of its own; reads the whole table of items.
Result<std::vector<ItemDue>> items_due(const std::string& connection);

}  // namespace backstitch::database
