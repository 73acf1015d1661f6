// The one call of an order that makes one, as it would go out.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"
#include "model/catalog.h"
#include "rules/decompose.h"

namespace backstitch::demo {

struct OnlyCall {
  std::string system;               // its key; empty: the order has no such call
  std::string product;              // of the order line that is called for
  std::string request;              // the body
  std::vector<std::string> record;  // names of the values that its answer sets and the inventory keeps
};

/// Of an order in which nothing stands before its one call, and something waits for its line's start. Its system answers at
/// once, repeats, tells and takes back. What decomposition and composition refuse.
Result<OnlyCall> only_call_of(const Catalog& catalog, const Order& order, const InventoryView& inventory);

}  // namespace backstitch::demo
