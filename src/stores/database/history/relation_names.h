// Names of tables for the numbers that stand in the WAL.
#pragma once
#include <map>
#include <string>

#include "base/error.h"
#include "stores/database/history/records.h"

namespace backstitch::database {

class RelationNames {
 public:
  static Result<RelationNames> load(const std::string& connection);

  std::uint32_t database() const { return database_; }
  /// "item", "public.notes" outside our schema, "16402" when nobody knows it, "5/16402" in another database. Empty for what
  /// holds no rows of a user: the catalog, indexes, and the tables of long values, whose rows belong to rows of another table.
  std::string of_file(const RelationFile& file) const;
  std::string of_relation(const RelationFile& relation) const;  // by the number of the relation in place of its file's

 private:
  std::string number_text(const RelationFile& file) const;
  std::uint32_t database_ = 0;
  std::map<std::uint32_t, std::string> by_file_, by_relation_;
};

}  // namespace backstitch::database
