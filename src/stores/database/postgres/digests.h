// Digests over an account's business rows, without columns that name turns: two runs of the same inputs give the same.
#pragma once
#include <functional>
#include <string>

#include "stores/database/postgres/connection.h"

namespace backstitch::database {

/// Calls `each` in the order of account ids. The session's time zone is UTC and its search path backstitch.
Status account_digests(Connection& connection,
                       const std::function<void(const std::string& account_id, std::uint64_t digest)>& each);

}  // namespace backstitch::database
