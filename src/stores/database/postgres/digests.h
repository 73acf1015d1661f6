// Digests over an account's business rows, without columns that name turns: two runs of the same inputs give the same.
#pragma once
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "stores/database/postgres/connection.h"

namespace backstitch::database {

/// Calls `each` in the order of account ids. The session's time zone is UTC and its search path backstitch.
Status account_digests(Connection& connection,
                       const std::function<void(const std::string& account_id, std::uint64_t digest)>& each);

/// Those of some accounts, in no order; whoever has no rows is left out. The session is as above.
Status account_digests_of(Connection& connection, const std::vector<std::string>& accounts,
                          const std::function<void(const std::string& account_id, std::uint64_t digest)>& each);

/// The tables that digests are taken over: "orders", …, and what their digests hang on besides: names and types of columns.
const std::set<std::string>& digested_tables();
Result<std::uint64_t> digested_columns(Connection& connection);

/// That of one account; 0 when it has no rows. Its time zone is UTC, as above; the search path does not matter. Orders have no
/// index by account, so that table and order_key are read whole.
Result<std::uint64_t> account_digest(Connection& connection, const std::string& account_id);

}  // namespace backstitch::database
