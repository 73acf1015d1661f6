#include "stores/database/invariants/invariants.h"

#include <boost/json.hpp>
#include <charconv>

#include "base/json.h"
#include "stores/database/embedded_sql.h"

namespace backstitch::database {
namespace {

/// "-- title: text" in the head of the file.
std::string head_line(std::string_view sql, std::string_view name) {
  const std::string start = fmt::format("-- {}: ", name);
  const auto at = sql.find(start);
  if (at == std::string_view::npos) return {};
  const auto from = at + start.size();
  return std::string(sql.substr(from, sql.find('\n', from) - from));
}

/// "V-03_dependencies" → "V-3".
std::string invariant_id(std::string_view file) {
  int number = 0;
  std::from_chars(file.data() + 2, file.data() + file.size(), number);
  return fmt::format("V-{}", number);
}

template <class AnyId>
void name_id(boost::json::object& row, const char* member) {
  auto* value = row.if_contains(member);
  if (!value || !value->is_string()) return;
  if (const auto bits = parse_uuid(std::string_view(value->as_string()))) *value = AnyId{*bits}.text();
}

/// The queries speak of uuids; people know things by their prefixed ids.
std::string with_names(std::string_view json) {
  auto value = parse_json(json);
  if (!value || !value->is_object()) return std::string(json);
  boost::json::object& row = value->as_object();
  name_id<OrderId>(row, "order");
  name_id<PlanId>(row, "plan");
  name_id<ItemId>(row, "item");
  name_id<DownstreamItemId>(row, "downstreamItem");
  name_id<InventoryId>(row, "inventory");
  name_id<AssetId>(row, "asset");
  name_id<CommandId>(row, "command");
  return write_json(row);
}

Result<Violation> check(Connection& connection, const EmbeddedSql& invariant) {
  Violation violation{
      invariant_id(invariant.name), head_line(invariant.text, "title"), head_line(invariant.text, "owner"), 0, {}};
  const std::string sql = fmt::format(
      "with violations as ({}) select (select count(*) from violations), r.v::text from violations r limit 20", invariant.text);
  const auto rows = connection.query(sql.c_str());
  if (!rows) return fail(rows.error().code, "{}: {}", violation.invariant, rows.error().detail);
  if (rows->size() > 0) violation.count = rows->int8(0, 0);
  for (int row = 0; row < rows->size(); ++row) violation.rows.push_back(with_names(rows->text(row, 1)));
  return violation;
}

}  // namespace

std::vector<std::string> invariant_ids() {
  std::vector<std::string> ids;
  for (const EmbeddedSql& invariant : embedded_invariants()) ids.push_back(invariant_id(invariant.name));
  return ids;
}

Result<std::vector<Violation>> check_invariants(Connection& connection, const std::string& only) {
  std::vector<Violation> violations;
  BS_TRY(connection.execute("begin isolation level repeatable read read only"));
  Status status;
  for (const EmbeddedSql& invariant : embedded_invariants()) {
    if (!only.empty() && invariant_id(invariant.name) != only) continue;
    auto checked = check(connection, invariant);
    if (!checked) {
      status = fail(std::move(checked.error()));
      break;
    }
    violations.push_back(std::move(*checked));
  }
  if (!connection.is_broken()) BS_TRY(connection.execute("rollback"));
  if (!status) return fail(std::move(status.error()));
  if (violations.empty()) return fail(Code::usage, "there is no invariant \"{}\"", only);
  return violations;
}

}  // namespace backstitch::database
