// SQL texts of the repository inside the binary (cmake/EmbedSql.cmake), in the order of their names.
#pragma once
#include <span>
#include <string_view>

namespace backstitch::database {

struct EmbeddedSql {
  std::string_view name;  // file name without folder and extension
  std::string_view text;
};
std::span<const EmbeddedSql> embedded_migrations();  // db/migrations
std::span<const EmbeddedSql> embedded_invariants();  // src/stores/database/invariants

}  // namespace backstitch::database
