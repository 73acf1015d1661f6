// A sales order as the CRM gives it (interfaces: "Order, catalog, system"); order-management 3.2, 3.4.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/value.h"

namespace backstitch {

enum class Action : std::uint8_t { add, change, disconnect, no_change, renew };
const char* to_text(Action action);  // "Add", "Change", "Disconnect", "NoChange", "Renew"
std::optional<Action> action_from(std::string_view text);

struct OrderLine {
  std::string line_id;         // stable over versions; unique in the order
  std::string parent_line_id;  // empty for a root
  std::string product;
  Action action = Action::add;
  std::int64_t quantity = 1;
  std::string asset_ref;  // shared with the asset; empty on a first Add
  Attributes attributes;
  Attributes fields;
  int parent = -1;  // index of the parent line, -1 for a root
  int root = 0;     // index of the root line of its bundle (itself for a root)
};

struct Order {
  std::string source, source_order_id;
  std::int32_t version = 1;
  std::string order_number, account_id;
  Time requested_at;                          // the source's own submit time; not set when it gave none
  std::optional<std::int64_t> catalog_index;  // highest catalog index the order was built against
  bool is_supplement = false;                 // refused by this version (BS-3107)
  Attributes fields;
  std::vector<OrderLine> lines;  // 1 … 10,000

  int line_index(std::string_view line_id) const;  // -1 when not there
};

inline constexpr std::size_t order_lines_max = 10'000;

/// Reads and checks the document once, completely: the error lists every fault with its JSON pointer (BS-3101; BS-3104 for
/// too many lines). Products are checked against the catalog later, by the engine.
Result<Order> parse_order(const boost::json::value& document);

}  // namespace backstitch
