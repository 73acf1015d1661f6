#include "recovery/window/collect.h"

#include <boost/json.hpp>
#include <set>
#include <utility>

#include "base/json.h"
#include "recovery/window/names.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr std::size_t page_items = 1000;

Time time_of(const json::object& object, const char* name) {
  const auto time = parse_rfc3339(window_text(object, name));
  return time ? *time : Time{};
}

WindowOrder order_of_row(const json::object& row) {
  return {order_name_of(row, "version"), window_text(row, "state"), time_of(row, "createdAt"), time_of(row, "changedAt")};
}

/// Hands each object of a paged list on, to its end.
template <class List, class Each>
Status read_pages(database::ListFilter filter, List list, Each each) {
  filter.limit = static_cast<int>(page_items);
  do {
    const Result<std::string> text = list(filter);
    if (!text) return fail(text.error());
    json::error_code error;
    const json::value page = json::parse(*text, error);  // larger than a document from a stranger may be
    const json::object* object = !error && page.is_object() ? &page.get_object() : nullptr;
    const json::value* items = object ? object->if_contains("items") : nullptr;
    if (!items || !items->is_array()) return fail(Code::defect, "a list without items");
    for (const json::value& item : items->get_array())
      if (item.is_object()) each(item.get_object());
    const std::string next = window_text(*object, "next");
    if (!next.empty() && next == filter.cursor) return fail(Code::defect, "a list that does not go on behind {}", next);
    filter.cursor = next;
  } while (!filter.cursor.empty());
  return {};
}

/// The key in a name; none when a source had no such thing.
std::optional<OrderKeyRow> key_of(const std::string& name) {
  const auto first = name.find(' '), last = name.rfind(' ');
  if (first == std::string::npos || last <= first || name.starts_with("? ")) return std::nullopt;
  return OrderKeyRow{name.substr(0, first), name.substr(first + 1, last - first - 1), std::atoi(name.c_str() + last + 1), {}, 0};
}

std::set<std::string> collected_names(const WindowInput& input) {
  std::set<std::string> names;
  for (const auto* orders : {&input.crm, &input.archive, &input.database_at_since})
    for (const auto& [name, order] : *orders) names.insert(name);
  for (const auto& [name, why] : input.excluded) names.insert(name);
  return names;
}

/// Of the named orders, those that stand there; what is known already is not asked for again.
Status look_up(database::Database& database, const std::set<std::string>& names, std::map<std::string, WindowOrder>& out) {
  std::vector<OrderKeyRow> wanted;
  auto flush = [&]() -> Status {
    const auto found = database.find_orders(std::exchange(wanted, {}));
    if (!found) return fail(found.error());
    for (const database::OrderHead& head : *found) {
      const std::string name = fmt::format("{} {} {}", head.key.source, head.key.source_order_id, head.key.version);
      out[name] = {name, to_text(head.state), head.created_at, head.changed_at};
    }
    return {};
  };
  for (const std::string& name : names) {
    const auto key = key_of(name);
    if (!key || out.contains(name)) continue;
    wanted.push_back(*key);
    if (wanted.size() == page_items) BS_TRY(flush());
  }
  return flush();
}

WindowAsset asset_of_row(const json::object& row) {
  WindowAsset asset{.reference = window_text(row, "assetRef"), .account = window_text(row, "accountId")};
  asset.order = window_text(row, "changedBy"), asset.state = window_text(row, "state"),
  asset.changed_at = time_of(row, "changedAt");
  const json::value* values = row.if_contains("values");
  asset.attributes = values ? canonical_json(*values) : "null";
  return asset;
}

Status read_accounts(WindowInput& input, database::Database& database, std::vector<std::string> accounts) {
  if (accounts.empty()) return {};
  database::ListFilter filter;
  filter.accounts = std::move(accounts);
  BS_TRY(read_pages(
      filter, [&](const database::ListFilter& page) { return database.assets(page); },
      [&](const json::object& row) {
        WindowAsset asset = asset_of_row(row);
        input.database_assets[asset.reference] = std::move(asset);
      }));
  return read_pages(
      filter, [&](const database::ListFilter& page) { return database.inventory(page); },
      [&](const json::object& row) {
        WindowAsset item = asset_of_row(row);
        // One asset may have several items, and it runs while one of them does. Without an asset a reason stands there.
        if (item.reference.empty() || !window_text(row, "noAssetReason").empty()) return;
        const auto [found, fresh] = input.inventory.try_emplace(item.reference, item);
        if (!fresh && item.state == "Active") found->second = std::move(item);
      });
}

}  // namespace

Status collect_restored(WindowInput& input, database::Database& restored) {
  std::map<std::string, WindowOrder> orders;
  BS_TRY(look_up(restored, collected_names(input), orders));
  input.database_at_since = std::move(orders);
  input.at_since_known = true;
  return {};
}

Status collect_replayed(WindowInput& input, database::Database& replayed) {
  database::ListFilter filter;
  filter.since = input.since.plus_ms(-input.margin_ms);
  BS_TRY(read_pages(
      filter, [&](const database::ListFilter& page) { return replayed.orders(page); },
      [&](const json::object& row) {
        WindowOrder order = order_of_row(row);
        if (!order.name.empty()) input.database[order.name] = std::move(order);
      }));
  return collect_named(input, replayed, {});
}

Status collect_named(WindowInput& input, database::Database& replayed, const std::set<std::string>& names) {
  std::set<std::string> wanted = collected_names(input);
  wanted.insert(names.begin(), names.end());
  BS_TRY(look_up(replayed, wanted, input.database));
  std::set<std::string> accounts;
  for (const auto* assets : {&input.crm_assets, &input.exported})
    for (const auto& [reference, asset] : *assets)
      if (!asset.account.empty()) accounts.insert(asset.account);
  std::vector<std::string> some;
  for (const std::string& account : accounts) {
    some.push_back(account);
    if (some.size() == page_items) BS_TRY(read_accounts(input, replayed, std::exchange(some, {})));
  }
  return read_accounts(input, replayed, std::move(some));
}

Result<WindowInput> collect_window(Time since, Time cut, const WindowSources& sources, database::Database* restored,
                                   database::Database& replayed) {
  WindowInput input;
  input.since = since, input.cut = cut;
  BS_TRY(collect_outside(input, sources));
  if (restored) BS_TRY(collect_restored(input, *restored));
  BS_TRY(collect_replayed(input, replayed));
  return input;
}

std::string window_orders_json(const std::map<std::string, WindowOrder>& orders) {
  json::array out;
  for (const auto& [name, order] : orders)
    out.push_back(json::object{
        {"name", name}, {"state", order.state}, {"submittedUs", order.submitted_at.us}, {"changedUs", order.changed_at.us}});
  return write_json(out);
}

Result<std::map<std::string, WindowOrder>> window_orders_from_json(std::string_view text) {
  json::error_code error;
  const json::value document = json::parse(text, error);
  if (error || !document.is_array()) return fail(Code::json_invalid, "a list of orders of the window");
  std::map<std::string, WindowOrder> orders;
  const auto us = [](const json::object& row, const char* name) {
    const json::value* value = row.if_contains(name);
    return Time{value && value->is_int64() ? value->get_int64() : 0};
  };
  for (const json::value& entry : document.get_array()) {
    const json::object* row = entry.is_object() ? &entry.get_object() : nullptr;
    if (!row || window_text(*row, "name").empty()) return fail(Code::json_invalid, "an order of the window without its name");
    const std::string name = window_text(*row, "name");
    orders[name] = {name, window_text(*row, "state"), us(*row, "submittedUs"), us(*row, "changedUs")};
  }
  return orders;
}

}  // namespace backstitch::recovery
