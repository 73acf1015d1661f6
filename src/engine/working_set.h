// What the engine decides upon: filled completely before a decision, changed in place by it, written once per turn in its last
// state. One PartitionWork per partition; a decision sees one only (architecture, "Partitions"). Not thread-safe.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/decision.h"
#include "model/access.h"
#include "model/fulfilment.h"

namespace backstitch {

struct ItemWork {
  ItemState state = ItemState::pending;
  int attempt = 0;                      // attempts made
  int call = 1;                         // number of the current or next call
  int unmet = 0;                        // dependencies not satisfied yet; derived, not stored
  std::string error, owner, attention;  // attention: kind of the row that stands, empty when none
  std::uint64_t digest = 0;
  Time started_at, ended_at, due_at;
  bool changed = false;
};

struct DownstreamItemWork {
  DownstreamState state = DownstreamState::in_progress;
  bool changed = false, values_changed = false;
};

struct OrderWork {
  OrderId id;
  Partition partition = 0;
  Order order;
  CatalogPtr catalog;
  Decomposition parts;
  PlanGraph plan;

  OrderState state = OrderState::draft;
  PlanState plan_state = PlanState::in_progress;
  std::vector<LineState> lines;
  std::vector<DownstreamState> downstream_orders;
  std::vector<DownstreamItemWork> downstream_items;
  std::vector<ItemWork> items;
  int items_open = 0;  // not terminal; derived
  Time created_at, changed_at;

  // what this turn changed
  bool is_new = false, order_changed = false, plan_changed = false, lines_changed = false, downstream_changed = false;
  std::vector<int> changed_items;  // in order of first change
  std::string events;              // a JSON object a line
  int event_count = 0;
  Time events_at;
  std::string body, body_digest;  // of a new order
  std::string graph;              // of a new order: as decided at the submit, whatever the same turn did to it since
  int salt = 0;

  /// Strictly later than every change before: (epoch, changed_at) orders what the CRM is told.
  void touch(Time at) { changed_at = at > changed_at ? at : Time{changed_at.us + 1}; }
};

struct AccountWork {
  std::string account_id;
  bool complete = false;  // everything the account has is here; else only what orders did since they are here
  int open_orders = 0;    // an account with open orders stays: what they assetised must be seen when they end
  std::map<std::string, InventoryRow> inventory;  // by product + '\n' + scope key
  std::map<std::string, AssetRow> assets;         // by reference
  std::set<std::string> changed_inventory, changed_assets;
};

struct KnownOrder {
  OrderId id;
  std::string body_digest;
};

/// What this turn changed of users and grants: the last word on each key.
struct AccessChanges {
  std::map<std::string, UserRow> users;
  std::map<std::pair<std::string, std::string>, MembershipRow> memberships;  // by user, profile
  std::map<std::pair<std::string, Grant>, GrantRow> grants;                  // by profile, grant
};

struct PartitionWork {
  Partition partition = 0;
  std::string catalog_digest;  // active at this place in the log
  std::uint64_t decision_digest = 0;
  std::map<std::string, SystemRow> systems;  // only those ever switched
  std::unordered_map<OrderId, std::unique_ptr<OrderWork>> orders;
  std::unordered_map<std::string, AccountWork> accounts;
  std::unordered_map<std::string, KnownOrder> known_orders;  // by order_name(): open ones and those looked up

  std::set<OrderId> taken_ids;  // of other orders, looked up after a collision: the next salt then

  // what this turn changed, beside the orders
  std::vector<OrderId> visitors;        // ended orders that were loaded for a late record; they leave with the turn
  std::vector<OrderId> changed_orders;  // in order of first change
  std::vector<std::string> changed_accounts;
  std::vector<CommandRow> commands;
  std::vector<AttentionRow> attention;
  std::set<std::string> changed_systems;
  AccessChanges access;
  TurnRows repaired;  // events without a turn get this one's

  std::map<std::string, std::uint64_t> account_digests;  // of accounts that this turn repairs, as their rows stand; 0: none

  OrderWork* find_order(OrderId id);
  bool is_up(const std::string& system) const;
};

std::string order_name(std::string_view source, std::string_view source_order_id, int version);

/// Rows of everything that changed, and forgets that it did; terminal orders leave the working set.
void take_rows(PartitionWork& work, std::uint64_t turn, TurnRows& rows);

/// Puts an order in: counted with its account, and known by its name.
void admit_order(PartitionWork& work, std::unique_ptr<OrderWork> order);

/// Takes an order out, as it went in; nothing when it is not there.
void dismiss_order(PartitionWork& work, OrderId id);

/// Items that look for their order by (id, index): -1 when the plan has no such item.
int item_index(const OrderWork& order, ItemId item);

}  // namespace backstitch
