// What stands beside a base backup, and lists it: whoever has the note has the backup.
#pragma once
#include "stores/database/backup/backup.h"

namespace backstitch::database {

std::string note_text(const BackupInfo& info);
Result<BackupInfo> read_note(const std::string& text);  // Code::backup_failed

}  // namespace backstitch::database
