#include "demo/order_files.h"

#include <boost/json.hpp>
#include <set>

#include "base/files.h"
#include "base/json.h"
#include "rules/compose.h"
#include "rules/decompose.h"
#include "rules/generate.h"
#include "rules/mapping.h"

namespace backstitch::demo {
namespace {

constexpr const char* org_source = "org1";
constexpr const char* client_source = "client1";
constexpr std::int64_t future_ms_behind = 4'000;
constexpr double future_share = 0.1, callout_share = 0.6;

Status count_plan(const Catalog& catalog, const Order& order, Census& census) {
  const OrderId id = derive_order_id(order.requested_at, order.source, order.source_order_id, order.version);
  const auto parts = decompose(order, id, catalog, {}, false);
  if (!parts) return fail(parts.error());
  const auto plan = compose(order, id, catalog, *parts);
  if (!plan) return fail(plan.error());
  const int callouts_before = census.callouts;
  census.decomposing += parts->items.empty() ? 0 : 1;
  census.items += static_cast<int>(plan->items.size());
  for (const PlanItem& item : plan->items) {
    const ItemDefinition* definition = catalog.item(item.plan, item.item);
    if (!definition) continue;
    census.manual += definition->type == ItemType::manual_task ? 1 : 0;
    if (definition->type != ItemType::callout) continue;
    ++census.callouts;
    ++census.callouts_by_interface[choose_interface(*definition, scene_of(order, item, *parts, catalog))];
  }
  census.with_callout += census.callouts > callouts_before ? 1 : 0;
  return {};
}

std::string as_lines(const std::vector<std::string>& documents) {
  std::string text;
  for (const std::string& document : documents) text += document + "\n";
  return text;
}

}  // namespace

Scene scene_of(const Order& order, const PlanItem& item, const Decomposition& parts, const Catalog& catalog) {
  Scene scene{.order = &order};
  if (item.downstream_items.empty()) return scene;
  const DownstreamItem& part = parts.items[static_cast<std::size_t>(item.downstream_items.front())];
  if (!part.source_lines.empty()) scene.line = &order.lines[static_cast<std::size_t>(part.source_lines.front())];
  scene.product = catalog.product(part.product);
  scene.values = &part.values;
  return scene;
}

Result<Census> take_census(const Catalog& catalog, const std::vector<std::string>& documents) {
  Census census;
  std::set<std::string> accounts;
  for (const std::string& text : documents) {
    const auto document = parse_json(text);
    if (!document) return fail(document.error());
    const auto order = parse_order(*document);
    if (!order) return fail(order.error());
    ++census.orders;
    census.lines += static_cast<int>(order->lines.size());
    accounts.insert(order->account_id);
    BS_TRY(count_plan(catalog, *order, census));
  }
  census.accounts = static_cast<int>(accounts.size());
  return census;
}

std::vector<std::string> census_lines(const Census& census) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{} orders of {} accounts with {} lines; {} orders decompose, {} reach a callout", census.orders,
                              census.accounts, census.lines, census.decomposing, census.with_callout));
  std::string calls;
  for (const auto& [name, count] : census.callouts_by_interface) calls += fmt::format(", {} {}", count, name);
  lines.push_back(
      fmt::format("{} plan items, {} of them manual; {} callouts{}", census.items, census.manual, census.callouts, calls));
  return lines;
}

std::vector<std::string> census_faults(const Catalog& catalog, const Census& census) {
  std::vector<std::string> faults;
  for (const System& system : catalog.systems)
    for (const SystemInterface& interface : system.interfaces) {
      const std::string name = system.key + "." + interface.key;
      const auto found = census.callouts_by_interface.find(name);
      const int count = found == census.callouts_by_interface.end() ? 0 : found->second;
      if (count * 5 < census.callouts) faults.push_back(fmt::format("{} gets {} of {} callouts", name, count, census.callouts));
    }
  if (census.with_callout * 10 < census.orders * 3)
    faults.push_back(fmt::format("{} of {} orders reach a callout", census.with_callout, census.orders));
  return faults;
}

Result<OrderFiles> write_order_files(const Catalog& catalog, const Options& options, Time base, std::int64_t submit_ms,
                                     const std::string& folder) {
  GenerateOptions org{.count = options.orders, .seed = options.seed, .base = base, .source = org_source, .prefix = "O"};
  org.callout_share = callout_share, org.future_share = future_share, org.future_ms_max = submit_ms * 3 / 2 + future_ms_behind;
  GenerateOptions client = org;
  client.count = options.client_orders(), client.seed = options.seed + 1, client.source = client_source, client.prefix = "C";
  auto org_orders = generate_orders(catalog, org);
  if (!org_orders) return fail(std::move(org_orders.error()));
  const auto client_orders = generate_orders(catalog, client);
  if (!client_orders) return fail(client_orders.error());
  OrderFiles files{folder + "/orders-org.jsonl", folder + "/orders-client.jsonl", {}};
  BS_TRY(write_file_durably(files.org, as_lines(*org_orders)));
  BS_TRY(write_file_durably(files.client, as_lines(*client_orders)));
  org_orders->insert(org_orders->end(), client_orders->begin(), client_orders->end());
  auto census = take_census(catalog, *org_orders);
  if (!census) return fail(std::move(census.error()));
  files.census = std::move(*census);
  return files;
}

}  // namespace backstitch::demo
