// Lists for people and the API: attention, commands, inventory, assets, systems, counts, catalog versions.
#include "stores/database/postgres/json_rows.h"
#include "stores/database/postgres/postgres_database.h"

namespace backstitch::database {
namespace {

using boost::json::array;
using boost::json::object;

template <class AnyId>
Result<Parameters> account_filter(const ListFilter& filter) {
  const auto cursor = cursor_of<AnyId>(filter.cursor);
  if (!cursor) return fail(cursor.error());
  Parameters parameters;
  parameters.text(filter.state).text(filter.account_id).uuid(*cursor).int4(filter.limit + 1);
  return parameters;
}

/// {"InProgress":3,…} of a query with (name, count) rows.
Result<object> counts_of(Connection& connection, const char* sql) {
  const auto rows = connection.query(sql);
  if (!rows) return fail(rows.error());
  object out;
  for (int row = 0; row < rows->size(); ++row) out[rows->text(row, 0)] = rows->int8(row, 1);
  return out;
}

constexpr const char* command_columns =
    "select id, kind, state, code, detail, actor, subject, at, partition, queue_offset from command";

object command_object(const Rows& rows, int row) {
  return {{"id", id_json<CommandId>(rows.uuid(row, 0))},
          {"kind", text_json(rows.text(row, 1))},
          {"state", text_json(rows.text(row, 2))},
          {"code", text_json(rows.text(row, 3))},
          {"detail", text_json(rows.text(row, 4))},
          {"actor", text_json(rows.text(row, 5))},
          {"subject", text_json(rows.text(row, 6))},
          {"at", time_json(rows.time(row, 7))},
          {"partition", rows.int4(row, 8)},
          {"offset", std::to_string(rows.int8(row, 9))}};
}

}  // namespace

Result<std::string> PostgresDatabase::attention(const ListFilter& filter) {
  auto parameters = account_filter<ItemId>(filter);
  if (!parameters) return fail(std::move(parameters.error()));
  parameters->text(filter.kind).text(filter.system).text(filter.owner);
  const auto rows = pool_.read([&](Connection& connection) {
    return connection.query(
        "select item_id, order_id, kind, state, system, error, item_key, account_id, owner, since from attention"
        " where ($1 = '' or state = $1) and ($2 = '' or account_id = $2) and item_id > $3::uuid and ($5 = '' or kind = $5)"
        " and ($6 = '' or system = $6) and ($7 = '' or owner = $7) order by item_id limit $4::int",
        *parameters);
  });
  if (!rows) return fail(rows.error());
  return page_json<ItemId>(*rows, filter.limit, [&](int row) {
    return object{{"id", id_json<ItemId>(rows->uuid(row, 0))},       {"itemId", id_json<ItemId>(rows->uuid(row, 0))},
                  {"orderId", id_json<OrderId>(rows->uuid(row, 1))}, {"kind", text_json(rows->text(row, 2))},
                  {"state", text_json(rows->text(row, 3))},          {"system", text_json(rows->text(row, 4))},
                  {"error", text_json(rows->text(row, 5))},          {"itemKey", text_json(rows->text(row, 6))},
                  {"accountId", text_json(rows->text(row, 7))},      {"owner", text_json(rows->text(row, 8))},
                  {"since", time_json(rows->time(row, 9))}};
  });
}

Result<std::string> PostgresDatabase::command(CommandId id) {
  Parameters parameters;
  parameters.uuid(id.bits);
  const auto rows = pool_.read([&](Connection& connection) {
    // A second record under the same id is a duplicate; the first one's outcome is the command's.
    return connection.query(
        (std::string(command_columns) + " where id = $1::uuid order by at, partition, queue_offset limit 1").c_str(), parameters);
  });
  if (!rows) return fail(rows.error());
  if (rows->size() == 0) return fail(Code::command_not_found, "there is no outcome of a command {}", id.text());
  return write_json(command_object(*rows, 0));
}

Result<std::string> PostgresDatabase::commands(const ListFilter& filter) {
  const auto cursor = cursor_of<CommandId>(filter.cursor);
  if (!cursor) return fail(cursor.error());
  Parameters parameters;
  parameters.text(filter.kind).text(filter.state).uuid(*cursor).int4(filter.limit + 1);
  const auto rows = pool_.read([&](Connection& connection) {
    return connection.query(
        (std::string(command_columns) + " where ($1 = '' or kind = $1) and ($2 = '' or state = $2) and id > $3::uuid"
                                        " order by id, partition, queue_offset limit $4::int")
            .c_str(),
        parameters);
  });
  if (!rows) return fail(rows.error());
  return page_json<CommandId>(*rows, filter.limit, [&](int row) { return command_object(*rows, row); });
}

Result<std::string> PostgresDatabase::inventory(const ListFilter& filter) {
  auto parameters = account_filter<InventoryId>(filter);
  if (!parameters) return fail(std::move(parameters.error()));
  parameters->text(filter.system).texts(filter.accounts, [](const std::string& account) -> const std::string& {
    return account;
  });
  const auto rows = pool_.read([&](Connection& connection) {
    return connection.query(
        "select id, account_id, product, scope_key, state, asset_id, no_asset_reason, asset_ref, system, system_ref, data, "
        "service_record,"
        " changed_by, created_at, changed_at from inventory where ($1 = '' or state = $1) and ($2 = '' or account_id = $2)"
        " and id > $3::uuid and ($5 = '' or system = $5)"
        " and ($6::text[] = '{}' or account_id = any($6)) order by id limit $4::int",
        *parameters);
  });
  if (!rows) return fail(rows.error());
  return page_json<InventoryId>(*rows, filter.limit, [&](int row) {
    return object{{"id", id_json<InventoryId>(rows->uuid(row, 0))},
                  {"accountId", text_json(rows->text(row, 1))},
                  {"product", text_json(rows->text(row, 2))},
                  {"scopeKey", text_json(rows->text(row, 3))},
                  {"state", text_json(rows->text(row, 4))},
                  {"assetId", id_json<AssetId>(rows->uuid(row, 5))},
                  {"noAssetReason", text_json(rows->text(row, 6))},
                  {"assetRef", text_json(rows->text(row, 7))},
                  {"system", text_json(rows->text(row, 8))},
                  {"systemRef", text_json(rows->text(row, 9))},
                  {"values", json_or_text(rows->text(row, 10))},
                  {"serviceRecord", json_or_text(rows->text(row, 11))},
                  {"changedBy", id_json<OrderId>(rows->uuid(row, 12))},
                  {"createdAt", time_json(rows->time(row, 13))},
                  {"changedAt", time_json(rows->time(row, 14))}};
  });
}

Result<std::string> PostgresDatabase::assets(const ListFilter& filter) {
  auto parameters = account_filter<AssetId>(filter);
  if (!parameters) return fail(std::move(parameters.error()));
  parameters->texts(filter.accounts, [](const std::string& account) -> const std::string& { return account; });
  const auto rows = pool_.read([&](Connection& connection) {
    return connection.query(
        "select id, account_id, asset_ref, product, state, quantity, data, changed_by, line_id, created_at, changed_at from asset"
        " where ($1 = '' or state = $1) and ($2 = '' or account_id = $2) and id > $3::uuid"
        " and ($5::text[] = '{}' or account_id = any($5)) order by id limit $4::int",
        *parameters);
  });
  if (!rows) return fail(rows.error());
  return page_json<AssetId>(*rows, filter.limit, [&](int row) {
    return object{{"id", id_json<AssetId>(rows->uuid(row, 0))}, {"accountId", text_json(rows->text(row, 1))},
                  {"assetRef", text_json(rows->text(row, 2))},  {"product", text_json(rows->text(row, 3))},
                  {"state", text_json(rows->text(row, 4))},     {"quantity", rows->int8(row, 5)},
                  {"values", json_or_text(rows->text(row, 6))}, {"changedBy", id_json<OrderId>(rows->uuid(row, 7))},
                  {"lineId", text_json(rows->text(row, 8))},    {"createdAt", time_json(rows->time(row, 9))},
                  {"changedAt", time_json(rows->time(row, 10))}};
  });
}

// No index has the time of a change (HOT updates): both read their table once, which a recovery can afford.
Result<std::vector<OrderId>> PostgresDatabase::orders_changed(Time since) {
  Parameters parameters;
  parameters.time(since);
  const auto rows = pool_.read([&](Connection& connection) {
    return connection.query("select id from orders where changed_at >= $1::timestamptz order by id", parameters);
  });
  if (!rows) return fail(rows.error());
  std::vector<OrderId> ids;
  for (int row = 0; row < rows->size(); ++row) ids.push_back(OrderId{rows->uuid(row, 0)});
  return ids;
}

Result<std::vector<std::string>> PostgresDatabase::accounts_with_changed_assets(Time since) {
  Parameters parameters;
  parameters.time(since);
  const auto rows = pool_.read([&](Connection& connection) {
    return connection.query("select distinct account_id from asset where changed_at >= $1::timestamptz order by account_id",
                            parameters);
  });
  if (!rows) return fail(rows.error());
  std::vector<std::string> accounts;
  for (int row = 0; row < rows->size(); ++row) accounts.emplace_back(rows->text(row, 0));
  return accounts;
}

Result<std::string> PostgresDatabase::systems() {
  const auto rows = pool_.read([](Connection& connection) {
    return connection.query(
        "select system, count(*) filter (where up), count(*) filter (where not up), max(changed_at)"
        " from system_state group by system order by system");
  });
  if (!rows) return fail(rows.error());
  array items;
  for (int row = 0; row < rows->size(); ++row)
    items.push_back(object{{"system", text_json(rows->text(row, 0))},
                           {"up", rows->int8(row, 2) == 0},
                           {"partitionsUp", rows->int8(row, 1)},
                           {"partitionsDown", rows->int8(row, 2)},
                           {"changedAt", time_json(rows->time(row, 3))}});
  return write_json(object{{"items", std::move(items)}, {"next", nullptr}});
}

Result<std::string> PostgresDatabase::counts() {
  return pool_.read([](Connection& connection) -> Result<std::string> {
    object out;
    for (auto [name, sql] : {std::pair{"orders", "select state, count(*) from orders group by state order by state"},
                             std::pair{"plans", "select state, count(*) from plan group by state order by state"},
                             std::pair{"items", "select state, count(*) from item group by state order by state"},
                             std::pair{"attention", "select kind, count(*) from attention group by kind order by kind"}}) {
      auto counted = counts_of(connection, sql);
      if (!counted) return fail(std::move(counted.error()));
      out[name] = std::move(*counted);
    }
    return write_json(out);
  });
}

Result<std::string> PostgresDatabase::catalog_versions() {
  const auto rows = pool_.read([](Connection& connection) {
    return connection.query(
        "select v.digest, v.catalog_index, v.source, v.at, (select count(*) from position p where p.catalog_digest = v.digest)"
        " from catalog_version v order by v.at, v.digest");
  });
  if (!rows) return fail(rows.error());
  array items;
  for (int row = 0; row < rows->size(); ++row)
    items.push_back(object{{"digest", text_json(rows->text(row, 0))},
                           {"index", rows->int8(row, 1)},
                           {"source", text_json(rows->text(row, 2))},
                           {"at", time_json(rows->time(row, 3))},
                           {"activePartitions", rows->int8(row, 4)}});
  return write_json(object{{"items", std::move(items)}, {"next", nullptr}});
}

}  // namespace backstitch::database
