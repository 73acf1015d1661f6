#include "engine/account/repair_account.h"

#include <algorithm>

#include "engine/account/assetize.h"
#include "engine/events.h"
#include "engine/order/order.h"

namespace backstitch {
namespace {

using Orders = std::map<OrderId, std::unique_ptr<OrderWork>>;

template <class Row, class OrderOf>
std::vector<Row> rows_of(const std::vector<Row>& rows, OrderId order, OrderOf order_of_row) {
  std::vector<Row> out;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(out), [&](const Row& row) { return order_of_row(row) == order; });
  return out;
}

Result<std::unique_ptr<OrderWork>> restored_order(const Desk& desk, const TurnRows& rows, const OrderRow& head) {
  const auto of_line = [](const LineRow& row) { return order_of(row.id); };
  const auto of_row = [](const auto& row) { return order_of(row.id.bits); };
  const auto docs = rows_of(rows.order_docs, head.id, of_row);
  if (docs.size() != 1) return fail(Code::row_broken, "order {} comes with {} documents", head.id.text(), docs.size());
  const auto items = rows_of(rows.order_items, head.id, of_line), orders = rows_of(rows.downstream_orders, head.id, of_line),
             parts = rows_of(rows.downstream_items, head.id, of_line);
  const auto values = rows_of(rows.line_values, head.id, of_row);
  const auto plans = rows_of(rows.plans, head.id, of_row);
  const auto steps = rows_of(rows.items, head.id, of_row);
  return restore_order({head, docs.front(), items, orders, parts, values, plans.empty() ? nullptr : &plans.front(), steps},
                       desk.shelf.find(head.catalog_digest));
}

/// What cannot be read back is no repair: a shard that restarts would stop at it.
Result<Orders> restored_orders(const Desk& desk, const AccountRepairInput& input) {
  Orders out;
  for (const OrderRow& head : input.rows->orders) {
    if (head.account_id != input.account_id || head.partition != desk.work.partition)
      return fail(Code::row_broken, "order {} is not of account {}", head.id.text(), input.account_id);
    auto order = restored_order(desk, *input.rows, head);
    if (!order) return fail(std::move(order.error()));
    out[head.id] = std::move(*order);
  }
  return out;
}

using Calls = std::set<std::pair<ItemId, int>>;

void note_calls(const OrderWork& order, Calls& calls) {
  for (std::size_t i = 0; i < order.items.size(); ++i)
    if (order.items[i].state == ItemState::running) calls.emplace(order.plan.items[i].id, order.items[i].call);
}

/// The CRM is told how the order stands; what waits for a timer or an answer waits again. A call that was in the air all the
/// while is not handed out once more.
void derive_effects(Desk& desk, const OrderWork& order, const Calls& in_the_air) {
  for (CrmUpdate& update : order_updates(order, true)) desk.effects.crm.push_back(std::move(update));
  if (is_terminal(order.state)) return;
  Effects again;
  rederive_effects(desk.settings, order, again);
  for (Task& task : again.tasks)
    if (!in_the_air.contains({task.item, task.key.call})) desk.effects.tasks.push_back(std::move(task));
  for (Timer& timer : again.timers) desk.effects.timers.push_back(std::move(timer));
}

void tell_assets(Desk& desk, const AccountRepairInput& input, const Orders& orders) {
  for (const AssetRow& asset : input.rows->assets)
    if (const auto by = orders.find(asset.changed_by); by != orders.end())
      if (auto update = asset_update(*by->second, asset)) desk.effects.crm.push_back(std::move(*update));
}

void take_in_things(PartitionWork& work, const AccountRepairInput& input) {
  AccountWork& account = work.accounts[input.account_id];
  account.account_id = input.account_id, account.complete = true;
  account.inventory.clear(), account.assets.clear();
  for (const InventoryRow& row : input.rows->inventory) account.inventory[row.product + "\n" + row.scope_key] = row;
  for (const AssetRow& row : input.rows->assets) account.assets[row.asset_ref] = row;
}

/// Rows and working set alike: what a damaged row has brought into memory goes with it.
void carry_out(Desk& desk, const AccountRepairInput& input, Orders orders) {
  Calls in_the_air;
  for (const OrderId id : input.rows->taken.orders) {
    if (const OrderWork* order = desk.work.find_order(id)) note_calls(*order, in_the_air);
    dismiss_order(desk.work, id);
  }
  for (const auto& [id, order] : orders) derive_effects(desk, *order, in_the_air);
  tell_assets(desk, input, orders);
  for (auto& [id, order] : orders)
    if (!is_terminal(order->state)) admit_order(desk.work, std::move(order));
  take_in_things(desk.work, input);
  desk.work.repaired = *input.rows;
}

}  // namespace

void repair_account(Desk& desk, const AccountRepairInput& input) {
  const auto stands = desk.work.account_digests.find(input.account_id);
  const std::uint64_t digest = stands == desk.work.account_digests.end() ? 0 : stands->second;
  const auto refuse = [&](const Error& error) {
    record_command(desk, input.id, "account-repair", "refused", input.actor, input.account_id, &error);
  };
  if (digest != input.corrected) {
    if (digest != input.compared) return refuse({Code::repair_moved, "account " + input.account_id, {}});
    auto orders = restored_orders(desk, input);
    if (!orders) return refuse(orders.error());
    carry_out(desk, input, std::move(*orders));
  }
  record_command(desk, input.id, "account-repair", "applied", input.actor, input.account_id);
}

}  // namespace backstitch
