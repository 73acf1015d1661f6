// Orders as the engine would write them, for tests and benches of the database role: two order items, two downstream orders,
// three downstream items, a plan of six items in sequence.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "model/fulfilment.h"
#include "stores/database/port.h"

namespace backstitch::database::samples {

inline constexpr std::int64_t first_ms = 1'790'000'000'000;
inline Time at(std::int64_t ms) { return Time{(first_ms + ms) * 1000}; }
inline constexpr const char* catalog_digest = "5f0c7a1e9b3d5f0c7a1e9b3d5f0c7a1e9b3d5f0c7a1e9b3d5f0c7a1e9b3d5f0c";

struct Sample {
  std::string source_order_id, account_id;
  OrderId id;
  Decomposition decomposition;
  PlanGraph plan;
  std::string document;
};

inline Sample make_sample(int number, const std::string& account_id) {
  Sample sample;
  sample.source_order_id = "O" + std::to_string(number);
  sample.account_id = account_id;
  sample.id = derive_order_id(at(number), "org1", sample.source_order_id, 1);
  auto child = [&](const char* kind, int n) { return derive_child(sample.id, kind, std::to_string(n), "", 1); };
  for (int n = 0; n < 2; ++n) sample.decomposition.orders.push_back({{child("downstream-order", n)}, "Access"});
  for (int n = 0; n < 3; ++n) {
    DownstreamItem item;
    item.id = {child("downstream-item", n)};
    item.downstream_order = n % 2;
    item.product = "CFS-ACCESS";
    item.scope_key = sample.source_order_id + ":" + std::to_string(n);
    item.source_lines = {n % 2};
    item.rules = {"d1"};
    sample.decomposition.items.push_back(item);
  }
  sample.plan.id = {child("plan", 0)};
  for (int n = 0; n < 6; ++n) {
    PlanItem item;
    item.id = {child("item", n)};
    item.effect = derive_effect_id("org1", sample.source_order_id, 1, "access/step" + std::to_string(n), "");
    item.plan = "access";
    item.item = "step" + std::to_string(n);
    item.lines = {0};
    item.downstream_items = {n % 3};
    if (n > 0) item.waits_for = {n - 1};
    sample.plan.items.push_back(item);
  }
  sample.document = R"({"source":"org1","sourceOrderId":")" + sample.source_order_id + R"(","version":1,"orderNumber":"N-)" +
                    std::to_string(number) + R"(","accountId":")" + account_id + R"(","items":[],"fields":{"note":")" +
                    std::string(1400, 'x') + "\"}}";
  return sample;
}

inline ItemRow item_row(const Sample& sample, std::size_t n, ItemState state, Time now, bool insert) {
  ItemRow row;
  row.id = sample.plan.items[n].id;
  row.system = "noc";
  row.state = state;
  row.attempt = state == ItemState::pending || state == ItemState::ready ? 0 : 1;
  if (state == ItemState::running) {
    row.digest = 0xfedcba9876543210ull + n;  // above 2^63: the column is signed
    row.started_at = now;
  }
  if (state == ItemState::completed) row.ended_at = now;
  row.insert = insert;
  return row;
}

/// The rows of its first turn: everything new, the first item Running.
inline void append_new(TurnRows& rows, const Sample& sample, Partition partition, std::uint64_t turn, Time now) {
  rows.order_keys.push_back({"org1", sample.source_order_id, 1, sample.id, 0});
  rows.orders.push_back({sample.id, sample.account_id, partition, OrderState::in_progress, catalog_digest, now, now, true});
  rows.order_docs.push_back({sample.id, "0123abcd", sample.document, fulfilment_json(sample.decomposition, sample.plan)});
  for (int n = 0; n < 2; ++n)
    rows.order_items.push_back({derive_child(sample.id, "order-item", std::to_string(n), "", 1), "Add", "InProgress", now, true});
  for (const DownstreamOrder& order : sample.decomposition.orders)
    rows.downstream_orders.push_back({order.id.bits, order.domain, "InProgress", now, true});
  for (const DownstreamItem& item : sample.decomposition.items)
    rows.downstream_items.push_back({item.id.bits, "Add", "InProgress", now, true});
  rows.plans.push_back({sample.plan.id, PlanState::in_progress, 6, now, now, true});
  for (std::size_t n = 0; n < 6; ++n)
    rows.items.push_back(item_row(sample, n, n == 0 ? ItemState::running : ItemState::pending, now, true));
  rows.events.push_back({sample.id, turn, now, 2, "{\"event\":\"OrderSubmitted\"}\n{\"event\":\"ItemStarted\"}\n"});
}

/// The turn of an answer: item n done, the next one Running; after the last one the order is Activated.
inline void append_answer(TurnRows& rows, const Sample& sample, Partition partition, std::uint64_t turn, std::size_t n,
                          Time now) {
  rows.items.push_back(item_row(sample, n, ItemState::completed, now, false));
  rows.events.push_back({sample.id, turn, now, 2, "{\"event\":\"ItemCompleted\"}\n{\"event\":\"ItemStarted\"}\n"});
  if (n + 1 < 6) {
    rows.items.push_back(item_row(sample, n + 1, ItemState::running, now, false));
    return;
  }
  rows.orders.push_back({sample.id, sample.account_id, partition, OrderState::activated, catalog_digest, now, now, false});
  for (int line = 0; line < 2; ++line)
    rows.order_items.push_back(
        {derive_child(sample.id, "order-item", std::to_string(line), "", 1), "Add", "Activated", now, false});
  for (const DownstreamOrder& order : sample.decomposition.orders)
    rows.downstream_orders.push_back({order.id.bits, order.domain, "Activated", now, false});
  for (const DownstreamItem& item : sample.decomposition.items)
    rows.downstream_items.push_back({item.id.bits, "Add", "Activated", now, false});
  rows.plans.push_back({sample.plan.id, PlanState::completed, 6, now, now, false});
}

/// Moves the position on: one more turn that consumed so many records of each queue.
inline PartitionTurn next_turn(Position& position, std::uint64_t incoming, std::uint64_t completer, Time now) {
  PartitionTurn turn;
  turn.incoming_from = position.incoming;
  turn.completer_from = position.completer;
  ++position.turn;
  position.incoming += incoming;
  position.completer += completer;
  position.catalog_digest = catalog_digest;
  position.decision_digest = position.decision_digest * 31 + position.turn;
  turn.after = position;
  turn.inputs = static_cast<std::int32_t>(incoming + completer);
  turn.at = now;
  turn.engine_version = "0.1.0";
  return turn;
}

/// An asset of the account and the inventory item that stands for it.
inline void append_account_things(TurnRows& rows, const std::string& account_id, Partition partition, OrderId changed_by,
                                  Time now) {
  AssetRow asset;
  asset.id = {derive_account_child(account_id, "asset", "ref-1")};
  asset.account_id = account_id;
  asset.partition = partition;
  asset.asset_ref = "ref-1";
  asset.product = "FIBER";
  asset.values = R"({"speed":500})";
  asset.changed_by = changed_by;
  asset.line_id = "1";
  asset.created_at = asset.changed_at = now;
  InventoryRow inventory;
  inventory.id = {derive_account_child(account_id, "inventory", "ref-1")};
  inventory.account_id = account_id;
  inventory.partition = partition;
  inventory.product = "CFS-ACCESS";
  inventory.scope_key = "ref-1";
  inventory.asset = asset.id;
  inventory.asset_ref = "ref-1";
  inventory.system = "noc";
  inventory.system_ref = "C-77";
  inventory.values = R"({"bandwidth":500})";
  inventory.service_record = R"({"circuit":"C-77"})";
  inventory.changed_by = changed_by;
  inventory.created_at = inventory.changed_at = now;
  rows.assets.push_back(asset);
  rows.inventory.push_back(inventory);
}

}  // namespace backstitch::database::samples
