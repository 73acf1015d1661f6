// Users, memberships and grants: the statements of a turn about them, and reading them back.
#pragma once
#include <vector>

#include "stores/database/port.h"
#include "stores/database/postgres/connection.h"
#include "stores/database/postgres/statements.h"
#include "stores/database/postgres/turn_steps.h"

namespace backstitch::database {

void add_access_statements(std::vector<StatementText>& all);

/// In the order in which they must run: what is taken away goes before what is set, a user's memberships with the user.
std::vector<Step> access_steps(const AccessRows& rows);

Result<AccessRows> load_access(Connection& connection, const std::string& user);

}  // namespace backstitch::database
