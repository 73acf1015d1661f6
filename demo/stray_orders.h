// Orders of a test that are sent to the wrong address, and the same orders again from whoever meant them.
#pragma once
#include <string>
#include <vector>

#include "demo/order_files.h"

namespace backstitch::demo {

/// Each calls one system once, at once, and then waits until tomorrow: nothing else comes of it before it is left out.
struct StrayOrder {
  std::string id, system, interface;  // of the order; key of the system; what the stand-in calls it
  std::string product;                // of the line that is called for
  std::string document, again;        // as the test sends it; as it is meant, with the same call
};

/// By which a subject of the outside's ledger tells its order.
std::string part_of_subject(const std::string& order);

constexpr std::size_t strays_wanted = 8;
constexpr const char *stray_source = "test1", *again_source = "late1";

/// All of them call the same system, which can be asked and takes back. None when the catalog makes no such orders.
Result<std::vector<StrayOrder>> draw_stray_orders(const Catalog& catalog, std::uint64_t seed, Time base);

}  // namespace backstitch::demo
