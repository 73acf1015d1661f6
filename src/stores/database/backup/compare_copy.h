// A backup that was never restored is a hope: what a copy of it holds, against the database that it was made of.
#pragma once
#include <optional>

#include "stores/database/backup/measure.h"
#include "stores/database/backup/provider.h"

namespace backstitch::database {

/// Against what was measured of the live database at the place that the copy was restored to; where nothing was, its invariants.
/// Fills the counts. Code::backup_differs lists what differs; invariant_violated.
Status compare_copy(const std::optional<Measured>& live, const std::string& connection, BackupCheck& report);

/// The newest backup, restored beside the database by a provider who takes places, and compared. The copy is gone when it
/// returns.
Result<BackupCheck> check_by_restoring(BackupProvider& provider, const BackupInfo& newest, const BackupProvider::Say& say);

}  // namespace backstitch::database
