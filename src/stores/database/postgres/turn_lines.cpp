#include "stores/database/postgres/turn_lines.h"

#include "base/hash.h"
#include "base/json.h"

namespace backstitch::database {
namespace {

std::string line_of(const Rows& rows, int row, Partition partition) {
  std::string catalog, engine;
  append_json_string(catalog, rows.text(row, 8));
  append_json_string(engine, rows.text(row, 9));
  return fmt::format(
      "{{\"turn\":\"{}\",\"partition\":{},\"at\":\"{}\",\"epoch\":\"{}\",\"term\":\"{}\",\"incoming\":[\"{}\",\"{}\"],"
      "\"completer\":[\"{}\",\"{}\"],\"catalogDigest\":{},\"engineVersion\":{},\"decisionDigest\":\"{}\",\"inputs\":{}}}",
      rows.int8(row, 0), partition, rfc3339(rows.time(row, 1)), rows.int8(row, 2), rows.int8(row, 3), rows.int8(row, 4),
      rows.int8(row, 5), rows.int8(row, 6), rows.int8(row, 7), catalog, engine, digest64_text(rows.number(row, 10)),
      rows.int4(row, 11));
}

}  // namespace

Result<std::vector<std::pair<std::uint64_t, std::string>>> crm_of_turns(Connection& connection, Partition partition,
                                                                        std::uint64_t after) {
  Parameters parameters;
  parameters.int4(partition).int8(static_cast<std::int64_t>(after));
  const auto rows = connection.query(
      "select turn, crm from backstitch.turn where partition = $1::int and turn > $2::bigint and crm is not null order by turn",
      parameters);
  if (!rows) return fail(rows.error());
  std::vector<std::pair<std::uint64_t, std::string>> out;
  for (int row = 0; row < rows->size(); ++row) out.emplace_back(rows->number(row, 0), rows->string(row, 1));
  return out;
}

Result<std::vector<std::pair<std::uint64_t, std::string>>> lines_of_turns(Connection& connection, Partition partition,
                                                                          std::uint64_t after, int limit) {
  Parameters parameters;
  parameters.int4(partition).int8(static_cast<std::int64_t>(after)).int4(limit);
  const auto rows = connection.query(
      "select turn, at, epoch, term, incoming_from, incoming_to, completer_from, completer_to, catalog_digest, engine_version,"
      " decision_digest, inputs from backstitch.turn where partition = $1::int and turn > $2::bigint order by turn limit $3::int",
      parameters);
  if (!rows) return fail(rows.error());
  std::vector<std::pair<std::uint64_t, std::string>> out;
  for (int row = 0; row < rows->size(); ++row) out.emplace_back(rows->number(row, 0), line_of(*rows, row, partition));
  return out;
}

}  // namespace backstitch::database
