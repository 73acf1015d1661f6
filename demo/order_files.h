// The orders of a demo: drawn from the catalog, written to two files, and counted.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "demo/options.h"
#include "model/catalog.h"
#include "model/fulfilment.h"
#include "rules/condition.h"

namespace backstitch::demo {

/// What a set of orders will ask of the platform.
struct Census {
  int orders = 0, accounts = 0, lines = 0, decomposing = 0;
  int items = 0, manual = 0, callouts = 0, with_callout = 0;
  std::map<std::string, int> callouts_by_interface;  // "tenant-keyed.stage"
};

/// Runs the rules over the documents. Code::order_invalid and what decomposition or composition refuse.
Result<Census> take_census(const Catalog& catalog, const std::vector<std::string>& documents);
/// In words, one line each.
std::vector<std::string> census_lines(const Census& census);

/// One line each for a catalog whose orders would prove little: an interface with less than a fifth of the callouts, less than
/// three tenths of the orders with a callout.
std::vector<std::string> census_faults(const Catalog& catalog, const Census& census);

/// What a callout's route and request look at: the first line that it serves. Lives as long as what goes in.
Scene scene_of(const Order& order, const PlanItem& item, const Decomposition& parts, const Catalog& catalog);

struct OrderFiles {
  std::string org, client;  // paths, JSON documents one a line
  Census census;            // of both
};
/// `base`: start dates lie around it, submit times go up from it. Some lines start in the future: up to half as long
/// again as `submit_ms`, in which all are submitted, and a little more. Writes orders-org.jsonl and orders-client.jsonl into
/// `folder`.
Result<OrderFiles> write_order_files(const Catalog& catalog, const Options& options, Time base, std::int64_t submit_ms,
                                     const std::string& folder);

}  // namespace backstitch::demo
