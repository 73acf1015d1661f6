// Invariants and digests: what is compared with itself, and what with another copy.
#include "stores/database/invariants/invariants.h"
#include "stores/database/postgres/digests.h"
#include "stores/database/postgres/postgres_database.h"

namespace backstitch::database {

Status PostgresDatabase::account_digests(const std::function<void(const std::string&, std::uint64_t)>& each) {
  // Handed out when the read is over: a read that meets a dead connection runs twice.
  std::vector<std::pair<std::string, std::uint64_t>> all;
  BS_TRY(pool_.read([&](Connection& connection) {
    all.clear();
    return database::account_digests(
        connection, [&](const std::string& account, std::uint64_t digest) { all.emplace_back(account, digest); });
  }));
  for (const auto& [account, digest] : all) each(account, digest);
  return {};
}

Result<std::vector<Violation>> PostgresDatabase::verify(const std::string& only) {
  return pool_.read([&](Connection& connection) { return check_invariants(connection, only); });
}

}  // namespace backstitch::database
