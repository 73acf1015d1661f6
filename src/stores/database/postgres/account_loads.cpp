#include <unordered_map>

#include "stores/database/postgres/loads.h"

namespace backstitch::database {
namespace {

template <class State>
Result<State> active_or_ended(const Rows& rows, int row, int column, const char* table) {
  for (State state : {State::active, State::ended})
    if (rows.text(row, column) == to_text(state)) return state;
  return fail(Code::row_broken, "{} {} has the state \"{}\", which no row may have", table, uuid_text(rows.uuid(row, 0)),
              rows.text(row, column));
}

Result<InventoryRow> inventory_row(const Rows& rows, int row) {
  const auto state = active_or_ended<InventoryState>(rows, row, 5, "inventory");
  if (!state) return fail(state.error());
  InventoryRow out;
  out.id = {rows.uuid(row, 0)};
  out.account_id = rows.string(row, 1);
  out.partition = rows.int4(row, 2);
  out.product = rows.string(row, 3);
  out.scope_key = rows.string(row, 4);
  out.state = *state;
  if (!rows.is_null(row, 6)) out.asset = AssetId{rows.uuid(row, 6)};
  out.no_asset_reason = rows.string(row, 7);
  out.asset_ref = rows.string(row, 8);
  out.system = rows.string(row, 9);
  out.system_ref = rows.string(row, 10);
  out.values = rows.string(row, 11);
  out.service_record = rows.string(row, 12);
  out.changed_by = {rows.uuid(row, 13)};
  out.created_at = rows.time(row, 14);
  out.changed_at = rows.time(row, 15);
  return out;
}

Result<AssetRow> asset_row(const Rows& rows, int row) {
  const auto state = active_or_ended<AssetState>(rows, row, 5, "asset");
  if (!state) return fail(state.error());
  return AssetRow{{rows.uuid(row, 0)}, rows.string(row, 1), rows.int4(row, 2),
                  rows.string(row, 3), rows.string(row, 4), *state,
                  rows.int8(row, 6),   rows.string(row, 7), {rows.uuid(row, 8)},
                  rows.string(row, 9), rows.time(row, 10),  rows.time(row, 11)};
}

}  // namespace

Result<std::vector<StoredAccount>> load_accounts(Connection& connection, const std::vector<std::string>& account_ids) {
  std::vector<StoredAccount> accounts;
  std::unordered_map<std::string_view, std::size_t> index;
  for (const std::string& id : account_ids) {
    index.emplace(id, accounts.size());
    accounts.push_back({id, {}, {}});
  }
  Parameters parameters;
  parameters.texts(account_ids, [](const std::string& id) { return std::string_view(id); });
  const auto inventory = connection.query(
      "select id, account_id, partition, product, scope_key, state, asset_id, no_asset_reason, asset_ref, system, system_ref, "
      "data,"
      " service_record, changed_by, created_at, changed_at from backstitch.inventory where account_id = any($1) order by id",
      parameters);
  if (!inventory) return fail(inventory.error());
  for (int row = 0; row < inventory->size(); ++row) {
    auto read = inventory_row(*inventory, row);
    if (!read) return fail(std::move(read.error()));
    accounts[index.at(inventory->text(row, 1))].inventory.push_back(std::move(*read));
  }
  const auto assets = connection.query(
      "select id, account_id, partition, asset_ref, product, state, quantity, data, changed_by, line_id, created_at, changed_at"
      " from backstitch.asset where account_id = any($1) order by id",
      parameters);
  if (!assets) return fail(assets.error());
  for (int row = 0; row < assets->size(); ++row) {
    auto read = asset_row(*assets, row);
    if (!read) return fail(std::move(read.error()));
    accounts[index.at(assets->text(row, 1))].assets.push_back(std::move(*read));
  }
  return accounts;
}

}  // namespace backstitch::database
