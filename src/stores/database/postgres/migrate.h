// The schema, brought to the version of this binary. Forward only.
#pragma once
#include "stores/database/postgres/connection.h"

namespace backstitch::database {

/// Each step is one transaction, with a named restore point before it ("before-0001_init"). Code::migration_failed, also when
/// the database is newer than this binary or a step was applied with another text.
Status migrate(Connection& connection);

}  // namespace backstitch::database
