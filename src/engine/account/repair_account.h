// Rows of one account that somebody wrote past the engine become again what the log makes of them: all of them, or none.
#pragma once
#include <boost/json/fwd.hpp>

#include "engine/engine.h"

namespace backstitch {

inline constexpr const char* account_repair_schema = "incoming.account-repair/1";

/// {"commandId","actor","reason","plan","accountId","compared","corrected","rows":{"orders":[…],"item":[…],…},
/// "taken":{"orders":[…],"order_key":[…],"inventory":[…],"asset":[…]}}: rows as their tables have them, a member a column.
/// Code::json_invalid.
Result<AccountRepairInput> parse_account_repair(const boost::json::object& object);

/// Refused with Code::repair_moved unless the rows stand as they were compared, or are right already.
void repair_account(Desk& desk, const AccountRepairInput& input);

}  // namespace backstitch
