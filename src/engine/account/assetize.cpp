#include "engine/account/assetize.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/hash.h"
#include "engine/events.h"
#include "engine/item/item.h"

namespace backstitch {
namespace {

AccountWork& account_of(Desk& desk, const std::string& account_id) {
  AccountWork& account = desk.work.accounts[account_id];
  account.account_id = account_id;
  return account;
}

template <class Keys>
void note_account_change(Desk& desk, AccountWork& account, Keys& keys, const std::string& key) {
  if (account.changed_inventory.empty() && account.changed_assets.empty())
    desk.work.changed_accounts.push_back(account.account_id);
  keys.insert(key);
}

std::string inventory_key(const std::string& product, const std::string& scope_key) { return product + "\n" + scope_key; }

CrmUpdate update_of(const OrderWork& order, const AssetRow& asset, Action action, const std::string& before,
                    const std::string& service_record) {
  const std::string after = action == Action::disconnect ? std::string() : asset.values;
  std::string body = fmt::format("{{\"type\":\"asset\",\"version\":{},\"assetId\":\"{}\"", asset.changed_at.us, asset.id.text()) +
                     member("assetRef", asset.asset_ref) + member("accountId", asset.account_id) +
                     member("product", asset.product) + member("orderId", order.id.text()) + member("lineId", asset.line_id) +
                     member("action", to_text(action)) + member("state", to_text(asset.state));
  body += ",\"before\":" + (before.empty() ? "null" : before) + ",\"after\":" + (after.empty() ? "null" : after) +
          ",\"serviceRecord\":" + (service_record.empty() ? "{}" : service_record) + "}";
  return {asset.account_id, order.partition, "asset", std::move(body)};
}

/// Who works for what in this order, so that a line finds its parts and a part its items without a search.
struct Served {
  explicit Served(const OrderWork& order) : parts_of_line(order.order.lines.size()), items_of_part(order.parts.items.size()) {
    for (std::size_t part = 0; part < order.parts.items.size(); ++part)
      for (const int line : order.parts.items[part].source_lines) parts_of_line[static_cast<std::size_t>(line)].push_back(part);
    for (std::size_t item = 0; item < order.plan.items.size(); ++item)
      if (!definition_of(order, static_cast<int>(item)).service_record.empty())
        for (const int part : order.plan.items[item].downstream_items)
          items_of_part[static_cast<std::size_t>(part)].push_back(static_cast<int>(item));
  }
  std::vector<std::vector<std::size_t>> parts_of_line;
  std::vector<std::vector<int>> items_of_part;  // only items that name a service record
};

/// Values answered that identify the service, of all technical lines that serve this order line.
std::string service_record_of(const OrderWork& order, const Served& served, int line) {
  Attributes record;
  for (const std::size_t part : served.parts_of_line[static_cast<std::size_t>(line)])
    for (const int item : served.items_of_part[part])
      for (const std::string& name : definition_of(order, item).service_record)
        if (const Value* value = order.parts.items[part].values.find(name)) record.set(name, *value);
  std::string text;
  record.append_json(text);
  return text;
}

/// An order that does not need its account must decide alike whether the account happens to be in memory or not: it sees its own
/// things only.
bool counts(const OrderWork& order, OrderId changed_by) {
  return changed_by == order.id || needs_account(order.order, *order.catalog);
}

void assetize_line(Desk& desk, OrderWork& order, const Served& served, int index) {
  const OrderLine& line = order.order.lines[static_cast<std::size_t>(index)];
  if (line.action == Action::no_change) return;
  AccountWork& account = account_of(desk, order.order.account_id);
  const std::string reference = asset_reference(order.order, line);
  auto existing = account.assets.find(reference);
  if (existing != account.assets.end() && !counts(order, existing->second.changed_by)) existing = account.assets.end();
  if (existing != account.assets.end() && existing->second.changed_by == order.id && existing->second.line_id == line.line_id)
    return;
  AssetRow asset;
  if (existing != account.assets.end()) asset = existing->second;
  const std::string before = asset.values;
  if (existing == account.assets.end()) {
    asset.id = AssetId{derive_account_child(order.order.account_id, "asset", reference)};
    asset.account_id = order.order.account_id, asset.asset_ref = reference, asset.created_at = desk.now;
  }
  asset.partition = order.partition, asset.product = line.product, asset.quantity = line.quantity;
  asset.state = line.action == Action::disconnect ? AssetState::ended : AssetState::active;
  asset.values.clear();
  line.attributes.append_json(asset.values);
  asset.changed_by = order.id, asset.line_id = line.line_id, asset.changed_at = desk.now;
  desk.effects.crm.push_back(update_of(order, asset, line.action, before, service_record_of(order, served, index)));
  account.assets[reference] = std::move(asset);
  note_account_change(desk, account, account.changed_assets, reference);
}

const InventoryRow* find_inventory(const OrderWork& order, const AccountWork& account, const DownstreamItem& part,
                                   const std::string& asset_ref) {
  const auto by_scope = account.inventory.find(inventory_key(part.product, part.scope_key));
  if (by_scope != account.inventory.end() && counts(order, by_scope->second.changed_by)) return &by_scope->second;
  if (asset_ref.empty()) return nullptr;
  for (const auto& [key, row] : account.inventory)
    if (row.product == part.product && row.asset_ref == asset_ref) return &row;
  return nullptr;
}

/// The system that runs the service and that system's own id for it: the callout that serves the part, and the first value of its
/// service record. A person needs both to put the service back by hand.
void name_system(const OrderWork& order, const Served& served, std::size_t part, InventoryRow& row) {
  for (const int item : served.items_of_part[part]) {
    const ItemDefinition& definition = definition_of(order, item);
    const Value* reference =
        definition.type == ItemType::callout ? order.parts.items[part].values.find(definition.service_record.front()) : nullptr;
    if (!reference) continue;
    const std::string route = route_of(order, item);
    row.system = route.substr(0, route.find('.')), row.system_ref = text_of(*reference);
    return;
  }
}

/// The asset of the first source line that has one: a NoChange line of a thing we never heard of has none.
void link_asset(const Order& order, const AccountWork& account, const DownstreamItem& part, InventoryRow& row) {
  for (const int line : part.source_lines) {
    const std::string reference = asset_reference(order, order.lines[static_cast<std::size_t>(line)]);
    if (!account.assets.contains(reference)) continue;
    row.asset_ref = reference;
    row.asset = AssetId{derive_account_child(order.account_id, "asset", reference)};
    return;
  }
  row.asset_ref = order.lines[static_cast<std::size_t>(part.source_lines[0])].asset_ref;
  row.no_asset_reason = "the asset is not known here";
}

void keep_inventory(Desk& desk, OrderWork& order, const Served& served, std::size_t index) {
  const DownstreamItem& part = order.parts.items[index];
  if (part.action == Action::no_change || part.source_lines.empty()) return;
  AccountWork& account = account_of(desk, order.order.account_id);
  const OrderLine& line = order.order.lines[static_cast<std::size_t>(part.source_lines[0])];
  InventoryRow row;
  if (const InventoryRow* existing = find_inventory(order, account, part, line.asset_ref)) {
    row = *existing;
  } else {
    row.id = InventoryId{derive_account_child(order.order.account_id, "inventory", inventory_key(part.product, part.scope_key))};
    row.account_id = order.order.account_id, row.product = part.product, row.scope_key = part.scope_key,
    row.created_at = desk.now;
    link_asset(order.order, account, part, row);
  }
  row.partition = order.partition, row.changed_by = order.id, row.changed_at = desk.now;
  row.state = part.action == Action::disconnect ? InventoryState::ended : InventoryState::active;
  row.values.clear();
  part.values.append_json(row.values);
  row.service_record = service_record_of(order, served, part.source_lines[0]);
  name_system(order, served, index, row);
  const std::string key = inventory_key(row.product, row.scope_key);
  account.inventory[key] = std::move(row);
  note_account_change(desk, account, account.changed_inventory, key);
}

}  // namespace

std::optional<CrmUpdate> asset_update(const OrderWork& order, const AssetRow& asset) {
  for (std::size_t line = 0; line < order.order.lines.size(); ++line)
    if (order.order.lines[line].line_id == asset.line_id)
      return update_of(order, asset, order.order.lines[line].action, {},
                       service_record_of(order, Served(order), static_cast<int>(line)));
  return std::nullopt;
}

std::string asset_reference(const Order& order, const OrderLine& line) {
  if (!line.asset_ref.empty()) return line.asset_ref;
  return uuid_text(first_128(sha256_parts({order.source, order.source_order_id, line.line_id, "asset"})));
}

void assetize(Desk& desk, OrderWork& order, bool technical) {
  const Served served(order);
  for (int line = 0; line < static_cast<int>(order.order.lines.size()); ++line) assetize_line(desk, order, served, line);
  if (!technical) return;
  for (std::size_t part = 0; part < order.parts.items.size(); ++part) {
    const Product* product = order.catalog->product(order.parts.items[part].product);
    if (product && product->inventory) keep_inventory(desk, order, served, part);
  }
}

InventoryView inventory_of(const PartitionWork& work, const std::string& account_id) {
  const auto account = work.accounts.find(account_id);
  const AccountWork* found = account == work.accounts.end() ? nullptr : &account->second;
  return {[found](const std::string& product, const std::string& scope_key,
                  const std::string& asset_ref) -> std::optional<InventoryView::Item> {
    if (!found) return std::nullopt;
    for (const auto& [key, row] : found->inventory) {
      const bool same = row.scope_key == scope_key || (!asset_ref.empty() && row.asset_ref == asset_ref);
      if (row.product != product || row.state != InventoryState::active || !same) continue;
      auto values = parse_json(row.values);
      return InventoryView::Item{values ? attributes_from(*values) : Attributes(), row.asset_ref};
    }
    return std::nullopt;
  }};
}

}  // namespace backstitch
