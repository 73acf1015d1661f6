#include "stores/database/history/relation_names.h"

#include "stores/database/postgres/connection.h"

namespace backstitch::database {
namespace {

constexpr std::uint32_t first_of_users = 16384;  // FirstNormalObjectId: what is below came with initdb

}  // namespace

Result<RelationNames> RelationNames::load(const std::string& connection) {
  if (connection.empty()) return RelationNames();  // no database answers: tables are named by number
  auto session = Connection::open(connection);
  if (!session) return fail(std::move(session.error()));
  const auto rows = session->query(
      "select (select oid from pg_database where datname = current_database())::bigint, c.oid::bigint,"
      " coalesce(pg_relation_filenode(c.oid), 0)::bigint,"
      " case when c.relkind not in ('r', 'm') or n.nspname in ('pg_catalog', 'information_schema') then ''"
      "  when n.nspname = 'backstitch' then c.relname::text else n.nspname || '.' || c.relname end"
      " from pg_class c join pg_namespace n on n.oid = c.relnamespace");
  if (!rows) return fail(rows.error());
  RelationNames names;
  for (int row = 0; row < rows->size(); ++row) {
    names.database_ = static_cast<std::uint32_t>(rows->number(row, 0));
    names.by_relation_[static_cast<std::uint32_t>(rows->number(row, 1))] = rows->string(row, 3);
    names.by_file_[static_cast<std::uint32_t>(rows->number(row, 2))] = rows->string(row, 3);
  }
  names.by_file_.erase(0);
  return names;
}

std::string RelationNames::number_text(const RelationFile& file) const {
  if (file.number < first_of_users) return {};
  return file.database == database_ ? fmt::format("{}", file.number) : fmt::format("{}/{}", file.database, file.number);
}

std::string RelationNames::of_file(const RelationFile& file) const {
  if (file.database == database_)
    if (const auto found = by_file_.find(file.number); found != by_file_.end()) return found->second;
  return of_relation(file);  // the first file of a relation has its number; a truncation since gave it another
}

std::string RelationNames::of_relation(const RelationFile& relation) const {
  if (relation.database == database_)
    if (const auto found = by_relation_.find(relation.number); found != by_relation_.end()) return found->second;
  return number_text(relation);
}

}  // namespace backstitch::database
