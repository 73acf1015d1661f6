#include "stores/database/strict_fake.h"

#include <algorithm>
#include <deque>
#include <set>
#include <tuple>

#include "base/assert.h"
#include "base/hash.h"
#include "model/access.h"
#include "stores/database/fake_rows.h"

namespace backstitch::database {

using KeyOfOrder = std::tuple<std::string, std::string, std::int32_t>;

/// Everything that is committed; copied for each turn, so that a failed one leaves nothing.
struct Content {
  std::map<Partition, Position> positions;
  std::map<std::pair<Partition, std::uint64_t>, PartitionTurn> turns;
  std::map<KeyOfOrder, OrderKeyRow> keys;
  std::map<OrderId, StoredOrder> orders;
  std::map<std::string, StoredAccount> accounts;
  std::map<std::pair<Partition, std::string>, SystemRow> systems;
  std::map<std::string, UserRow> users;
  std::map<std::pair<std::string, std::string>, MembershipRow> memberships;
  std::map<std::pair<std::string, Grant>, GrantRow> grants;
};

struct FakeTruth::State {
  std::vector<Flaw> flaws;
  std::uint64_t epoch = 1;
  bool open = true;
  Content content;
  bool has(Flaw flaw) const { return std::find(flaws.begin(), flaws.end(), flaw) != flaws.end(); }
};

namespace {

template <class Row>
Status put_row(std::vector<Row>& rows, Row row) {
  const auto there = std::find_if(rows.begin(), rows.end(), [&](const Row& other) { return other.id == row.id; });
  if (row.insert != (there == rows.end()))
    return fail(Code::database_failed, "a row is {}", row.insert ? "inserted that is there" : "changed that is not there");
  const bool insert = std::exchange(row.insert, false);
  if (insert)
    rows.push_back(std::move(row));
  else
    *there = std::move(row);
  return {};
}

template <class Row, class Owner>
Status put_rows(Content& content, const std::vector<Row>& rows, std::vector<Row> StoredOrder::* member, Owner owner) {
  for (const Row& row : rows) {
    const auto order = content.orders.find(owner(row));
    if (order == content.orders.end()) return fail(Code::database_failed, "a row of no order");
    BS_TRY(put_row(order->second.*member, row));
  }
  return {};
}

Status put_orders(Content& content, const TurnRows& rows, bool last_write_wins) {
  for (const OrderKeyRow& key : rows.order_keys) {
    if (!content.keys.insert_or_assign({key.source, key.source_order_id, key.version}, key).second && !last_write_wins)
      return fail(Code::order_key_taken, "{} {} {}", key.source, key.source_order_id, key.version);
  }
  for (OrderRow row : rows.orders) {
    const bool there = content.orders.contains(row.id);
    if (row.insert && there && !last_write_wins) return fail(Code::order_key_taken, "order {}", row.id.text());
    if (!row.insert && !there && !last_write_wins) return fail(Code::database_failed, "order {} is not there", row.id.text());
    if (row.insert && there) content.orders.erase(row.id);
    row.insert = false;
    content.orders[row.id].order = row;
  }
  for (const OrderDocRow& row : rows.order_docs) content.orders[row.id].doc = row;
  for (PlanRow row : rows.plans) {
    row.insert = false;
    content.orders[order_of(row.id.bits)].plan = row;
  }
  auto of_line = [](const LineRow& row) { return order_of(row.id); };
  BS_TRY(put_rows(content, rows.order_items, &StoredOrder::order_items, of_line));
  BS_TRY(put_rows(content, rows.downstream_orders, &StoredOrder::downstream_orders, of_line));
  BS_TRY(put_rows(content, rows.downstream_items, &StoredOrder::downstream_items, of_line));
  return put_rows(content, rows.items, &StoredOrder::items, [](const ItemRow& row) { return order_of(row.id.bits); });
}

void put_values(Content& content, const std::vector<LineValuesRow>& rows) {
  for (const LineValuesRow& row : rows) {
    auto& values = content.orders[order_of(row.id.bits)].line_values;
    std::erase_if(values, [&](const LineValuesRow& other) { return other.id == row.id; });
    values.push_back(row);
  }
}

template <class Row>
void put_thing(std::vector<Row>& rows, const Row& row) {
  std::erase_if(rows, [&](const Row& other) { return other.id == row.id; });
  rows.push_back(row);
}

Status put_things(Content& content, const TurnRows& rows) {
  for (const AssetRow& row : rows.assets) put_thing(content.accounts[row.account_id].assets, row);
  for (const InventoryRow& row : rows.inventory) {
    if (!row.asset && row.no_asset_reason.empty())
      return fail(Code::database_failed, "inventory {} has neither asset nor reason", row.id.text());
    put_thing(content.accounts[row.account_id].inventory, row);
  }
  for (const SystemRow& row : rows.systems) content.systems[{row.partition, row.system}] = row;
  return {};
}

template <class Key, class Row>
void put_or_take(std::map<Key, Row>& table, const Key& key, const Row& row, bool keeps) {
  if (!row.remove)
    table[key] = row;
  else if (!keeps)
    table.erase(key);
}

void put_access(Content& content, const TurnRows& rows, bool keeps) {
  for (const UserRow& row : rows.users) {
    if (row.cleared && !keeps)
      std::erase_if(content.memberships, [&](const auto& entry) { return entry.first.first == row.name; });
    put_or_take(content.users, row.name, row, keeps);
  }
  for (const MembershipRow& row : rows.memberships) put_or_take(content.memberships, {row.user, row.profile}, row, keeps);
  for (const GrantRow& row : rows.grants)
    put_or_take(content.grants, {row.profile, Grant{row.resource, row.action, row.field}}, row, keeps);
}

}  // namespace

class FakeShard : public Shard {
 public:
  explicit FakeShard(std::shared_ptr<FakeTruth::State> state) : state_(std::move(state)) {}

  Result<std::vector<Position>> claim(const std::vector<Partition>& partitions) override {
    if (!state_->open && !state_->has(Flaw::deaf_to_epochs)) return fail(Code::fenced, "the epoch is closed");
    std::vector<Position> claimed;
    for (Partition partition : partitions)
      if (!content().positions.contains(partition)) return fail(Code::partition_unknown, "partition {}", partition);
    for (Partition partition : partitions) {
      Position& position = content().positions[partition];
      ++position.term;
      position.epoch = state_->epoch;
      claimed.push_back(position);
    }
    std::sort(claimed.begin(), claimed.end(), [](const Position& a, const Position& b) { return a.partition < b.partition; });
    return claimed;
  }

  Status send_turn(const TurnWrite& turn) override {
    BS_ASSERT(answers_.size() < 2, "at most two turns may be in flight");
    Content copy = content();
    Status written = write(copy, turn);
    if (written || state_->has(Flaw::half_turns)) content() = std::move(copy);
    answers_.push_back(std::move(written));
    return {};
  }

  Status await_turn() override {
    BS_ASSERT(!answers_.empty(), "no turn is in flight");
    Status answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  Result<std::vector<OrderKeyRow>> find_order_keys(const std::vector<OrderKeyRow>& wanted) override {
    std::vector<OrderKeyRow> found;
    for (const OrderKeyRow& key : wanted)
      if (const auto it = content().keys.find({key.source, key.source_order_id, key.version}); it != content().keys.end())
        found.push_back(it->second);
    return found;
  }
  Result<std::vector<StoredOrder>> load_open_orders(const std::vector<Partition>& partitions) override {
    std::vector<StoredOrder> open;
    for (const auto& [id, order] : content().orders)
      if (!is_terminal(order.order.state) &&
          std::find(partitions.begin(), partitions.end(), order.order.partition) != partitions.end())
        open.push_back(order);
    return open;
  }
  Result<std::vector<StoredOrder>> load_orders(const std::vector<OrderId>& ids) override {
    std::vector<StoredOrder> orders;
    for (OrderId id : ids)
      if (const auto it = content().orders.find(id); it != content().orders.end()) orders.push_back(it->second);
    return orders;
  }
  Result<std::vector<StoredAccount>> load_accounts(const std::vector<std::string>& account_ids) override {
    std::vector<StoredAccount> accounts;
    for (const std::string& id : account_ids) {
      const auto it = content().accounts.find(id);
      accounts.push_back(it == content().accounts.end() ? StoredAccount{} : it->second);
      accounts.back().account_id = id;
    }
    return accounts;
  }
  Result<std::uint64_t> account_digest(const std::string& account_id) override {
    std::string rows;
    for (const auto& [id, order] : content().orders)
      if (order.order.account_id == account_id) rows += told(order);
    if (const auto it = content().accounts.find(account_id); it != content().accounts.end()) rows += told(it->second);
    return rows.empty() ? 0 : digest64(rows);
  }
  Result<std::vector<SystemRow>> load_systems(const std::vector<Partition>& partitions) override {
    std::vector<SystemRow> systems;
    for (const auto& [key, row] : content().systems)
      if (std::find(partitions.begin(), partitions.end(), key.first) != partitions.end()) systems.push_back(row);
    return systems;
  }
  Result<std::vector<std::pair<std::uint64_t, std::string>>> unpublished(Partition partition, std::uint64_t after) override {
    std::vector<std::pair<std::uint64_t, std::string>> out;
    for (const auto& [key, turn] : content().turns)
      if (key.first == partition && key.second > after && !turn.crm.empty()) out.emplace_back(key.second, turn.crm);
    return out;
  }
  Result<std::vector<std::pair<std::uint64_t, std::string>>> turn_lines(Partition partition, std::uint64_t after,
                                                                        int limit) override {
    std::vector<std::pair<std::uint64_t, std::string>> out;
    for (const auto& [key, turn] : content().turns)
      if (key.first == partition && key.second > after && static_cast<int>(out.size()) < limit)
        out.emplace_back(key.second, fmt::format("{{\"turn\":\"{}\",\"partition\":{}}}", key.second, partition));
    return out;
  }

 private:
  Content& content() { return state_->content; }

  Status fence(Content& into, const TurnWrite& turn) const {
    const FakeTruth::State& state = *state_;
    for (const PartitionTurn& part : turn.partitions) {
      Position& there = into.positions[part.after.partition];
      const bool owner = there.term == part.after.term || state.has(Flaw::forgets_terms);
      const bool number = there.turn + 1 == part.after.turn || state.has(Flaw::any_turn_number);
      const bool epoch = (state.open && state.epoch == part.after.epoch) || state.has(Flaw::deaf_to_epochs);
      if (!owner || !number || !epoch) return fail(Code::fenced, "partition {}", part.after.partition);
      const Position before = there;
      there = part.after;
      if (state.has(Flaw::loses_positions)) there.incoming = before.incoming;
      into.turns[{part.after.partition, part.after.turn}] = part;
    }
    return {};
  }

  Status write(Content& into, const TurnWrite& turn) const {
    BS_TRY(fence(into, turn));
    if (!state_->has(Flaw::keeps_taken)) take(into, turn.rows.taken);
    BS_TRY(put_orders(into, turn.rows, state_->has(Flaw::last_write_wins)));
    put_values(into, turn.rows.line_values);
    put_access(into, turn.rows, state_->has(Flaw::keeps_grants));
    return put_things(into, turn.rows);
  }

  std::shared_ptr<FakeTruth::State> state_;
  std::deque<Status> answers_;
};

FakeTruth::FakeTruth(int partitions, std::vector<Flaw> flaws) : state_(std::make_shared<State>()) {
  state_->flaws = std::move(flaws);
  for (Partition partition = 0; partition < partitions; ++partition) state_->content.positions[partition].partition = partition;
}
FakeTruth::~FakeTruth() = default;

std::unique_ptr<Shard> FakeTruth::open_shard() { return std::make_unique<FakeShard>(state_); }

std::vector<Position> FakeTruth::positions() const {
  std::vector<Position> all;
  for (const auto& [partition, position] : state_->content.positions) all.push_back(position);
  return all;
}

AccessRows FakeTruth::access(const std::string& user) const {
  AccessRows out;
  std::set<std::string> profiles;
  for (const auto& [name, row] : state_->content.users)
    if (user.empty() || name == user) out.users.push_back(row);
  for (const auto& [key, row] : state_->content.memberships)
    if (user.empty() || row.user == user) out.memberships.push_back(row), profiles.insert(row.profile);
  for (const auto& [key, row] : state_->content.grants)
    if (user.empty() || profiles.contains(row.profile)) out.grants.push_back(row);
  return out;
}

Status FakeTruth::set_epoch(std::uint64_t n, bool open) {
  if (n < state_->epoch && !state_->has(Flaw::deaf_to_epochs)) return fail(Code::fenced, "epoch {} behind {}", n, state_->epoch);
  if (n == state_->epoch && open == state_->open) return {};
  state_->epoch = n;
  state_->open = open;
  for (auto& [partition, position] : state_->content.positions) {
    position.epoch = n;
    ++position.term;
  }
  return {};
}

}  // namespace backstitch::database
