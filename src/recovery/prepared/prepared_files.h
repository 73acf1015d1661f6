// Files of a prepared copy, in the evidence of its recovery.
#pragma once

namespace backstitch::recovery {

inline constexpr const char* prepared_file = "prepared.jsonl";
inline constexpr const char* prepared_updates_file = "prepared-updates.jsonl";
inline constexpr const char* prepared_places_file = "prepared-places.jsonl";
inline constexpr const char* prepared_window_file = "prepared-window.jsonl";
inline constexpr const char* prepared_before_file = "prepared-before.jsonl";

}  // namespace backstitch::recovery
