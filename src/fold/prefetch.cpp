// Fill the working set first, then decide without I/O: a decision cannot suspend, and cannot fail on missing data.
#include <algorithm>

#include "engine/crm/refresh_record.h"
#include "fold/fold.h"

namespace backstitch {
namespace {

/// Of its item, or of a record in the CRM.
std::optional<OrderId> order_about(const InputRecord& record, const Input& input) {
  if (record.schema == crm_refresh_schema && std::holds_alternative<UnsupportedInput>(input)) {
    const auto reading = read_crm_refresh(record);
    return reading ? std::optional(reading->order) : std::nullopt;
  }
  const auto item = item_of(input);
  return item ? std::optional(order_of(item->bits)) : std::nullopt;
}

}  // namespace

Status Fold::prefetch(const std::vector<Parsed>& inputs) {
  BS_TRY(load_catalogs(inputs));
  BS_TRY(load_missing_orders(inputs));
  // Who is told of an order that is left out depends on whether a record that stays has brought it before.
  const bool left_out = std::any_of(inputs.begin(), inputs.end(), [](const Parsed& parsed) {
    return parsed.input && std::holds_alternative<ExcludedInput>(*parsed.input);
  });
  if (look_up_order_keys_ || left_out) BS_TRY(load_known_keys(inputs));
  BS_TRY(load_account_digests(inputs));
  return load_missing_accounts(inputs);
}

Status Fold::load_catalogs(const std::vector<Parsed>& inputs) {
  std::set<std::string> wanted;
  for (const Parsed& parsed : inputs) {
    if (!parsed.input) continue;
    if (const auto* activate = std::get_if<CatalogActivateInput>(&*parsed.input)) wanted.insert(activate->digest);
    if (const auto* repair = std::get_if<AccountRepairInput>(&*parsed.input))
      for (const OrderRow& order : repair->rows->orders) wanted.insert(order.catalog_digest);
  }
  // A version that is nowhere is refused by the engine, in writing; any other failure stops the turn.
  for (const std::string& digest : wanted)
    if (const Status loaded = library_.load(digest); !loaded && loaded.error().code != Code::catalog_version_missing)
      return fail(loaded.error());
  return {};
}

Status Fold::load_account_digests(const std::vector<Parsed>& inputs) {
  for (const Parsed& parsed : inputs) {
    const auto* repair = parsed.input ? std::get_if<AccountRepairInput>(&*parsed.input) : nullptr;
    if (!repair) continue;
    BS_TRY(before_load_());
    const auto digest = shard_.account_digest(repair->account_id);
    if (!digest) return fail(digest.error());
    work_.at(parsed.record->partition).account_digests[repair->account_id] = *digest;
  }
  return {};
}

Status Fold::load_missing_orders(const std::vector<Parsed>& inputs) {
  std::set<OrderId> missing;
  for (const Parsed& parsed : inputs) {
    if (!parsed.input) continue;
    const auto order = order_about(*parsed.record, *parsed.input);
    if (order && !work_.at(parsed.record->partition).find_order(*order)) missing.insert(*order);
  }
  if (missing.empty()) return {};
  BS_TRY(before_load_());
  auto stored = shard_.load_orders({missing.begin(), missing.end()});
  if (!stored) return fail(std::move(stored.error()));
  std::erase_if(*stored, [&](const database::StoredOrder& row) { return !work_.contains(row.order.partition); });
  return take_in(*stored);
}

Status Fold::load_known_keys(const std::vector<Parsed>& inputs) {
  std::vector<OrderKeyRow> wanted;
  for (const Parsed& parsed : inputs) {
    const auto* submit = parsed.input ? std::get_if<SubmitInput>(&*parsed.input) : nullptr;
    if (const auto* excluded = parsed.input ? std::get_if<ExcludedInput>(&*parsed.input) : nullptr)
      submit = excluded->submit ? &*excluded->submit : nullptr;
    if (submit) wanted.push_back({submit->order.source, submit->order.source_order_id, submit->order.version, {}, 0});
  }
  if (wanted.empty()) return {};
  BS_TRY(before_load_());
  auto keys = shard_.find_order_keys(wanted);
  if (!keys) return fail(std::move(keys.error()));
  BS_TRY(load_taken_ids(inputs, *keys));
  std::vector<OrderId> ids;
  for (const OrderKeyRow& key : *keys) ids.push_back(key.order);
  auto stored = shard_.load_orders(ids);
  if (!stored) return fail(std::move(stored.error()));
  for (const database::StoredOrder& row : *stored)
    for (const OrderKeyRow& key : *keys)
      if (key.order == row.order.id && work_.contains(row.order.partition))
        work_.at(row.order.partition).known_orders[order_name(key.source, key.source_order_id, key.version)] = {
            key.order, row.doc.body_digest};
  return {};
}

// The other reason for a taken key: two orders share the 80 bits of an id. Their holder stands in the rows, in whatever
// partition.
Status Fold::load_taken_ids(const std::vector<Parsed>& inputs, const std::vector<OrderKeyRow>& known) {
  constexpr int salts_looked_at = 3;
  std::vector<OrderId> candidates;
  for (const Parsed& parsed : inputs) {
    const auto* submit = parsed.input ? std::get_if<SubmitInput>(&*parsed.input) : nullptr;
    if (!submit) continue;
    const Order& order = submit->order;
    const bool seen = std::any_of(known.begin(), known.end(), [&](const OrderKeyRow& key) {
      return key.source == order.source && key.source_order_id == order.source_order_id && key.version == order.version;
    });
    for (int salt = 0; !seen && salt < salts_looked_at; ++salt)
      candidates.push_back(derive_order_id(order.requested_at.is_set() ? order.requested_at : parsed.record->at, order.source,
                                           order.source_order_id, order.version, salt));
  }
  if (candidates.empty()) return {};
  auto holders = shard_.load_orders(candidates);
  if (!holders) return fail(std::move(holders.error()));
  for (auto& [partition, work] : work_)
    for (const database::StoredOrder& holder : *holders) work.taken_ids.insert(holder.order.id);
  return {};
}

Status Fold::load_missing_accounts(const std::vector<Parsed>& inputs) {
  std::set<std::string> missing;
  std::map<std::string, Partition> where;
  auto want_account = [&](const PartitionWork& work, const std::string& id) {
    const auto account = work.accounts.find(id);
    if (account != work.accounts.end() && account->second.complete) return;
    missing.insert(id), where[id] = work.partition;
  };
  auto want = [&](PartitionWork& work, const Order& order, const CatalogPtr& catalog) {
    if (catalog && needs_account(order, *catalog)) want_account(work, order.account_id);
  };
  std::map<Partition, CatalogPtr> active;  // an activation earlier in this very turn counts
  for (const Parsed& parsed : inputs) {
    if (!parsed.input) continue;
    PartitionWork& work = work_.at(parsed.record->partition);
    auto [catalog, fresh] = active.try_emplace(work.partition);
    if (fresh) catalog->second = library_.find(work.catalog_digest);
    if (const auto* activate = std::get_if<CatalogActivateInput>(&*parsed.input))
      if (const CatalogPtr next = library_.find(activate->digest)) catalog->second = next;
    if (const auto* submit = std::get_if<SubmitInput>(&*parsed.input)) want(work, submit->order, catalog->second);
    if (const auto* repair = std::get_if<InventoryRepairInput>(&*parsed.input)) want_account(work, repair->account_id);
    if (parsed.record->schema == crm_refresh_schema) {  // of an asset: all the account has, as an order that needs it sees it
      const auto reading = read_crm_refresh(*parsed.record);
      if (reading && reading->type == "Asset") want_account(work, reading->account_id);
    } else if (const auto item = item_of(*parsed.input)) {
      if (const OrderWork* order = work.find_order(OrderId{order_of(item->bits)})) want(work, order->order, order->catalog);
    }
  }
  return missing.empty() ? Status() : read_accounts(missing, where);
}

Status Fold::read_accounts(const std::set<std::string>& ids, const std::map<std::string, Partition>& partition_of_account) {
  if (ids.empty()) return {};
  BS_TRY(before_load_());
  auto stored = shard_.load_accounts({ids.begin(), ids.end()});
  if (!stored) return fail(std::move(stored.error()));
  for (const std::string& id : ids) {
    AccountWork& account = work_.at(partition_of_account.at(id)).accounts[id];
    account.account_id = id, account.complete = true;
  }
  for (database::StoredAccount& row : *stored) {
    AccountWork& account = work_.at(partition_of_account.at(row.account_id)).accounts[row.account_id];
    // try_emplace: what orders in the working set have done since is newer than what was read
    for (InventoryRow& item : row.inventory) account.inventory.try_emplace(item.product + "\n" + item.scope_key, std::move(item));
    for (AssetRow& asset : row.assets) account.assets.try_emplace(asset.asset_ref, std::move(asset));
  }
  return {};
}

}  // namespace backstitch
