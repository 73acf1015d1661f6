// What makes a folder a data folder, and what tells that its database has gone.
#pragma once
#include "api/config.h"

namespace backstitch {

/// Marks it with the version of what lies in it; Code::environment when another one wrote it.
Status mark_data_folder(const std::string& data);

/// An instance that has decided something has a database. A new, empty one in the place of one that is gone would begin anew, in
/// silence: Code::database_start says how it comes back. Nothing to say of a database that somebody else runs; the safe is asked
/// only where none is there.
Status refuse_lost_database(const Config& config);

}  // namespace backstitch
