// Files of a prepared copy, in the evidence of its recovery.
#pragma once

namespace backstitch::recovery {

inline constexpr const char* prepared_file = "prepared.jsonl";
inline constexpr const char* prepared_updates_file = "prepared-updates.jsonl";

}  // namespace backstitch::recovery
