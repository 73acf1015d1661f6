#include "stores/database/backup/note.h"

#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch::database {
namespace json = boost::json;

std::string note_text(const BackupInfo& info) {
  return pretty_json(json::object{{"label", info.label},
                                  {"startedAt", rfc3339(info.started_at)},
                                  {"endedAt", rfc3339(info.ended_at)},
                                  {"startLsn", info.start_lsn},
                                  {"endLsn", info.end_lsn},
                                  {"bytes", std::to_string(info.bytes)}});
}

Result<BackupInfo> read_note(const std::string& text) {
  const auto value = parse_json(text);
  if (!value) return fail(value.error());
  try {
    auto member = [&](const char* name) { return std::string(value->as_object().at(name).as_string()); };
    const auto started = parse_rfc3339(member("startedAt")), ended = parse_rfc3339(member("endedAt"));
    if (!started || !ended) return fail(Code::backup_failed, "a broken time");
    return BackupInfo{member("label"), *started, *ended, member("startLsn"), member("endLsn"), std::stoll(member("bytes"))};
  } catch (const std::exception& damage) {
    return fail(Code::backup_failed, "a note that cannot be read: {}", damage.what());
  }
}

}  // namespace backstitch::database
