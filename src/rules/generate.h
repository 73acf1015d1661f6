// Orders out of a catalog's bundle structure, for the demo, benchmarks and tests. Everything is a function of the seed.
#pragma once
#include <string>
#include <vector>

#include "base/time.h"
#include "model/catalog.h"

namespace backstitch {

struct GenerateOptions {
  int count = 1'000;
  std::uint64_t seed = 1;
  Time base;  // start dates lie around it, submit times go up from it by 1 ms
  std::string source = "org1";
  std::string prefix = "O";     // of the order ids: "O-000001"
  int first = 1;                // number of the first order
  double callout_share = 0.45;  // of the orders, at least, reach a callout (when the catalog has one)
  double future_share = 0;      // of the lines whose StartDate lies after `base`, by at most future_ms_max
  std::int64_t future_ms_max = 5'000;
  int accounts = 0;  // 0 = two thirds of the orders, so that some accounts have several
};

/// Order documents (interfaces: "Order, catalog, system"), one JSON text each, in the order of their ids. At least one line of
/// each decomposes, or has a scenario of its own; those that reach a callout take the fields Region EMEA, AMER and APAC in turn.
/// Code::import_failed when the catalog has no product from which such an order can be made.
Result<std::vector<std::string>> generate_orders(const Catalog& catalog, const GenerateOptions& options);

}  // namespace backstitch
