// How what is kept off site is called in the safe.
#pragma once
#include <fmt/format.h>

#include <string>

namespace backstitch::database {

inline constexpr const char *off_site_system = "backups/system", *off_site_wal = "backups/wal/", *off_site_base = "backups/base/";
inline constexpr const char *packed_ending = ".zst", *note_ending = ".json";

inline std::string off_site_file(const std::string& wal) { return off_site_wal + wal + packed_ending; }
inline std::string off_site_piece(const std::string& label, int number) {
  return fmt::format("{}{}/{:05}.tar{}", off_site_base, label, number, packed_ending);
}
inline std::string off_site_note(const std::string& label) { return off_site_base + label + note_ending; }

}  // namespace backstitch::database
