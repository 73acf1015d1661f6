// The database role: rows, positions, and reads for people. SQL text lives behind this port and nowhere else.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/decision.h"

namespace backstitch::database {

/// Where a partition's fold stands: part of the truth, committed with the rows (law 3).
struct Position {
  Partition partition = 0;
  std::uint64_t epoch = 1, term = 0;
  std::uint64_t turn = 0;                     // number of the last committed turn of this partition
  std::uint64_t incoming = 1, completer = 1;  // next offset to read
  std::uint64_t published = 0;                // last turn whose CRM updates are known to be in order_orderitems
  std::string catalog_digest;                 // active at this place in the log; empty when none yet
  std::uint64_t decision_digest = 0;          // chained over every input of the partition
};

/// One partition's part in a turn.
struct PartitionTurn {
  Position after;                                       // after.turn == turn before + 1
  std::uint64_t incoming_from = 1, completer_from = 1;  // consumed: [from, after.x)
  std::int32_t inputs = 0;
  Time at;  // append time of its last input
  std::string engine_version;
  std::string crm;  // all CRM updates of the turn, a JSON object a line; empty when none
};

struct TurnWrite {
  std::vector<PartitionTurn> partitions;
  TurnRows rows;
};

/// Everything the shard needs to take an order into its working set.
struct StoredOrder {
  OrderRow order;
  OrderDocRow doc;
  std::vector<LineRow> order_items, downstream_orders, downstream_items;
  std::vector<LineValuesRow> line_values;
  std::optional<PlanRow> plan;
  std::vector<ItemRow> items;
};
struct StoredAccount {
  std::string account_id;
  std::vector<InventoryRow> inventory;
  std::vector<AssetRow> assets;
};

/// One shard's connection. One thread at a time. After any error it must be dropped and opened anew (positions tell where it is).
class Shard {
 public:
  virtual ~Shard() = default;
  /// Takes the partitions over: term + 1 in each, so that the owner before is fenced. Returns their positions.
  virtual Result<std::vector<Position>> claim(const std::vector<Partition>& partitions) = 0;

  /// Sends the turn as one pipeline, one transaction; returns without waiting for the commit. At most two may be in flight.
  virtual Status send_turn(const TurnWrite& turn) = 0;
  /// Waits for the oldest turn in flight. Code::fenced (another epoch, term or turn number stands there), Code::order_key_taken
  /// (an order id was seen before: decide again with find_order_keys), Code::database_failed, database_unreachable: nothing of
  /// this turn, nor of one sent after it, was written (after database_unreachable: unknown, positions tell).
  virtual Status await_turn() = 0;

  virtual Result<std::vector<OrderKeyRow>> find_order_keys(const std::vector<OrderKeyRow>& wanted) = 0;
  /// Open orders of the partitions, whole.
  virtual Result<std::vector<StoredOrder>> load_open_orders(const std::vector<Partition>& partitions) = 0;
  virtual Result<std::vector<StoredOrder>> load_orders(const std::vector<OrderId>& ids) = 0;
  virtual Result<std::vector<StoredAccount>> load_accounts(const std::vector<std::string>& account_ids) = 0;
  /// Digest over the account's rows as they stand committed, as account_digests() gives it; 0 when there are none. Reads whole
  /// tables.
  virtual Result<std::uint64_t> account_digest(const std::string& account_id) = 0;
  virtual Result<std::vector<SystemRow>> load_systems(const std::vector<Partition>& partitions) = 0;
  /// (turn, crm) of turns of the partition behind `after` that hold CRM updates, oldest first.
  virtual Result<std::vector<std::pair<std::uint64_t, std::string>>> unpublished(Partition partition, std::uint64_t after) = 0;
  /// One JSON line per turn behind `after`, for the mirror in the safe.
  virtual Result<std::vector<std::pair<std::uint64_t, std::string>>> turn_lines(Partition partition, std::uint64_t after,
                                                                                int limit) = 0;
};

struct Violation {
  std::string invariant;  // "V-3"
  std::string title, owner;
  std::int64_t count = 0;
  std::vector<std::string> rows;  // the first 20, as JSON
};

/// Users, what is assigned to them, and what profiles hold, each by its key.
struct AccessRows {
  std::vector<UserRow> users;
  std::vector<MembershipRow> memberships;
  std::vector<GrantRow> grants;
};

struct ListFilter {
  std::string state, account_id, kind, system, owner, cursor;
  std::vector<std::string> accounts;  // assets and inventory: of any of these; empty: of all
  Time since;
  int limit = 100;
};

/// An order without what it holds.
struct OrderHead {
  OrderKeyRow key;
  OrderState state = OrderState::draft;
  Time created_at, changed_at;
};

/// Reads and small writes of everything that is no shard. Thread-safe (a pool of connections). Answers are JSON texts in the
/// shape of the API ("interfaces" 2), so that a document is built once, by PostgreSQL.
class Database {
 public:
  virtual ~Database() = default;

  virtual Status migrate() = 0;  // to the version of this binary; a named restore point before each step
  virtual Result<std::unique_ptr<Shard>> open_shard() = 0;
  /// The epoch every writing transaction is checked against, in SQL; set at start from the safe's object.
  virtual Status set_epoch(std::uint64_t n, bool open) = 0;
  virtual Result<std::vector<Position>> positions() = 0;
  virtual Status ensure_partitions(int count) = 0;  // Code::config_invalid when the folder has another number

  virtual Result<std::string> order(OrderId id) = 0;  // Code::order_not_found
  /// Of the wanted keys (`order` and `salt` are not looked at) those that stand there, in no order.
  virtual Result<std::vector<OrderHead>> find_orders(const std::vector<OrderKeyRow>& wanted) = 0;
  /// The one of this key.
  Result<std::optional<OrderId>> find_order(std::string_view source, std::string_view source_order_id, int version) {
    const auto found = find_orders({{std::string(source), std::string(source_order_id), version, {}, 0}});
    if (!found) return fail(found.error());
    return found->empty() ? std::optional<OrderId>{} : found->front().key.order;
  }
  virtual Result<std::string> orders(const ListFilter& filter) = 0;  // {"items":[…],"next":"…"|null}
  virtual Result<std::string> order_events(OrderId id) = 0;
  virtual Result<StoredOrder> stored_order(OrderId id) = 0;             // for plan show and explain
  virtual Result<std::string> attention(const ListFilter& filter) = 0;  // manual tasks and fallout
  virtual Result<std::string> command(CommandId id) = 0;                // Code::command_not_found
  /// Outcomes of commands and of records that were not simply decided, by kind and state, in the order of their ids.
  virtual Result<std::string> commands(const ListFilter& filter) = 0;
  virtual Result<std::string> inventory(const ListFilter& filter) = 0;
  virtual Result<std::string> assets(const ListFilter& filter) = 0;
  virtual Result<std::string> systems() = 0;
  /// {"orders":{"InProgress":n,…},"items":{…},"attention":{…}}
  virtual Result<std::string> counts() = 0;
  /// Orders that have changed at or after `since`, and accounts of which an asset has; each in order of its key.
  virtual Result<std::vector<OrderId>> orders_changed(Time since) = 0;
  virtual Result<std::vector<std::string>> accounts_with_changed_assets(Time since) = 0;
  /// Per account: digest over its business rows, without columns that name turns (verify and the replay check).
  virtual Status account_digests(const std::function<void(const std::string& account_id, std::uint64_t digest)>& each) = 0;

  /// The user with memberships and the grants of those profiles; without a name: everything there is.
  virtual Result<AccessRows> access(const std::string& user) = 0;
  /// Takes rows away before any turn is written: what is named here (`remove` is set in each) is gone when it returns. For a
  /// restored database, before the first replayed turn; idempotent, a row that is not there is a success. Code::fenced.
  virtual Status withdraw(const AccessRows& rows) = 0;

  /// What rows alone can tell: V-1 … V-8, V-10, V-16, V-17; `only` empty = all.
  virtual Result<std::vector<Violation>> verify(const std::string& only) = 0;

  // CRM sync's position in order_orderitems, committed after delivery; desired workers (law: truth in PostgreSQL)
  virtual Result<std::map<Partition, std::uint64_t>> crm_positions() = 0;
  virtual Status store_crm_positions(const std::map<Partition, std::uint64_t>& positions) = 0;
  struct DesiredWorker {
    std::string lane;
    int count = 0, concurrency = 0;
  };
  virtual Result<std::vector<DesiredWorker>> desired_workers() = 0;
  virtual Status store_desired_workers(const std::vector<DesiredWorker>& workers) = 0;

  /// All named catalog versions that were ever active (digest, index, source, at).
  virtual Result<std::string> catalog_versions() = 0;
  virtual Status store_catalog_version(const std::string& digest, std::int64_t index, const std::string& source, Time at,
                                       const std::string& content) = 0;
  virtual Result<std::string> catalog_content(const std::string& digest) = 0;  // Code::catalog_version_missing
};

}  // namespace backstitch::database
