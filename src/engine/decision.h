// What a turn leaves behind: rows in their last state, events, effects. The stores see the engine through this file only.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "model/identity.h"
#include "model/states.h"

namespace backstitch {

// ---- rows: hot (state, changes in place) and cold (documents, never changed), see docs/reference/data-model.md --------------

struct OrderKeyRow {
  std::string source, source_order_id;
  std::int32_t version = 1;
  OrderId order;
  std::int32_t salt = 0;
};
struct OrderRow {
  OrderId id;
  std::string account_id;
  Partition partition = 0;
  OrderState state = OrderState::submitted;
  std::string catalog_digest;
  Time created_at, changed_at;
  bool insert = false;
};
struct OrderDocRow {
  OrderId id;
  std::string body_digest;  // SHA-256 hex of the bytes that were submitted
  std::string document;     // the order as submitted (JSON)
  std::string graph;        // decomposition with its sources and rules, composed plan (JSON)
};
/// order_item, downstream_order, downstream_item share this shape.
struct LineRow {
  Bits128 id;
  std::string what;   // action of an item, domain of a downstream order
  std::string state;  // as in the domain ("InProgress")
  Time changed_at;
  bool insert = false;
};
struct LineValuesRow {  // attributes that fulfilment set on a downstream item; cold, written when an answer sets them
  DownstreamItemId id;
  std::string values;  // JSON object
};
struct PlanRow {
  PlanId id;
  PlanState state = PlanState::in_progress;
  std::int32_t item_count = 0;
  Time created_at, changed_at;
  bool insert = false;
};
struct ItemRow {
  ItemId id;
  std::string system;  // or lane, or manual queue
  ItemState state = ItemState::pending;
  std::int32_t attempt = 0;  // attempts made
  std::int32_t call = 1;     // number of the current or next call
  std::string error;         // "BS-3306 …", "noc/500"; empty when none
  std::uint64_t digest = 0;  // of the request in flight
  Time started_at, ended_at;
  Time due_at;        // next timer: retry, process-after, the end of waiting for a callback
  std::string owner;  // who claimed a manual task
  bool insert = false;
};
struct EventRow {
  OrderId order;
  std::uint64_t turn = 0;  // turn number of the order's partition
  Time at;
  std::int32_t count = 0;
  std::string data;  // one JSON object a line
};
struct AttentionRow {  // a row only while an item wants somebody
  ItemId item;
  OrderId order;
  std::string kind;  // "manual" "failed" "fatally-failed" "unknown-outcome" "on-hold"
  std::string state, system, error, item_key, account_id, owner;
  Time since;
  bool remove = false;
};
struct InventoryRow {
  InventoryId id;
  std::string account_id;
  Partition partition = 0;
  std::string product, scope_key;  // business key of the instance
  InventoryState state = InventoryState::active;
  std::optional<AssetId> asset;  // or the reason why none: a database constraint
  std::string no_asset_reason;
  std::string asset_ref, system, system_ref;
  std::string values, service_record;  // JSON objects
  OrderId changed_by;
  Time created_at, changed_at;
};
struct AssetRow {
  AssetId id;
  std::string account_id;
  Partition partition = 0;
  std::string asset_ref, product;
  AssetState state = AssetState::active;
  std::int64_t quantity = 1;
  std::string values;  // JSON object
  OrderId changed_by;
  std::string line_id;
  Time created_at, changed_at;
};
/// Outcome of an operator's command (GET /commands/{id}), and of every incoming record that was not simply decided.
struct CommandRow {
  CommandId id;
  Partition partition = 0;
  std::uint64_t offset = 0;
  std::string kind;   // "item-command" …
  std::string state;  // "applied" "refused" "conflict" "duplicate"
  std::string code, detail, actor, subject;
  Time at;
};
struct SystemRow {  // per partition: switching a system is an input of each
  Partition partition = 0;
  std::string system;
  bool up = true;
  Time changed_at;
};

/// Who may do what: rows by their own key, written over or deleted whole, so that a grant change needs nothing loaded.
struct UserRow {
  std::string name, password;  // hash, as base/password.h makes it
  std::string changed_by;
  Time changed_at;
  bool remove = false;
  bool cleared = false;  // what was assigned before this turn is taken away
};
struct MembershipRow {
  std::string user, profile, changed_by;
  Time changed_at;
  bool remove = false;
};
struct GrantRow {
  std::string profile, resource, action, field;  // field empty: the whole thing
  std::string changed_by;
  Time changed_at;
  bool remove = false;
};

/// What a repair takes away before anything else of its turn is written: all rows of these orders, in every table, and things of
/// the account that the log does not know.
struct TakenRows {
  std::vector<OrderId> orders;
  std::vector<OrderKeyRow> order_keys;
  std::vector<InventoryId> inventory;
  std::vector<AssetId> assets;
};

struct TurnRows {
  TakenRows taken;
  std::vector<OrderKeyRow> order_keys;
  std::vector<OrderRow> orders;
  std::vector<OrderDocRow> order_docs;
  std::vector<LineRow> order_items, downstream_orders, downstream_items;
  std::vector<LineValuesRow> line_values;
  std::vector<PlanRow> plans;
  std::vector<ItemRow> items;
  std::vector<EventRow> events;
  std::vector<AttentionRow> attention;
  std::vector<InventoryRow> inventory;
  std::vector<AssetRow> assets;
  std::vector<CommandRow> commands;
  std::vector<SystemRow> systems;
  std::vector<UserRow> users;
  std::vector<MembershipRow> memberships;
  std::vector<GrantRow> grants;
};

// ---- effects: what leaves the shard after the commit; re-derived from rows when a crash loses them --------------------------

struct Task {
  ItemId item;
  CallKey key;
  std::uint64_t digest = 0;  // of the canonical body
  std::string account_id;    // key of the record
  Partition partition = 0;
  std::string lane, system, interface;  // system and interface empty: an auto task
  std::string implementation;           // of an auto task
  std::string subject;                  // account/order:line/operation
  std::string body;                     // canonical JSON
  std::int64_t timeout_ms = 30'000;
  std::string catalog_digest;  // where the system's declared effects stand
};
struct Timer {
  ItemId item;
  std::string account_id;
  Partition partition = 0;
  std::string kind;  // "retry" "processAfter" "callback": until when its system may call back
  Time due_at;
};
struct CrmUpdate {
  std::string account_id;
  Partition partition = 0;
  std::string type;  // "order" "orderItem" "asset"
  std::string body;  // JSON without epoch and version
};

struct Effects {
  std::vector<Task> tasks;
  std::vector<Timer> timers;
  std::vector<CrmUpdate> crm;
};

}  // namespace backstitch
