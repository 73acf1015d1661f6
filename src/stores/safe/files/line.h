// Lines of the archives and of the turn mirror. A line is text that a person can read and PostgreSQL's COPY can load:
//
//   checksum TAB number TAB payload NEWLINE          payload of an archive: appended TAB key TAB schema TAB headers TAB value
//
// The checksum is XXH3 over everything behind it, seeded by the name of the log, so that a line in another log's file is seen
// as damage. In a field, backslash, tab, newline and carriage return are written as \\ \t \n \r.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stores/queue/port.h"

namespace backstitch::safe::files {

void append_escaped(std::string& out, std::string_view field);
std::optional<std::string> unescaped(std::string_view field);  // nothing when a backslash is followed by something else

struct Line {
  std::uint64_t number = 0;
  std::string_view payload;
};

void append_line(std::string& out, std::uint64_t seed, std::uint64_t number, std::string_view payload);
/// `text` is without its newline; nothing when the checksum does not fit. Views into `text`.
std::optional<Line> read_line(std::string_view text, std::uint64_t seed);

std::string record_payload(const queue::Record& record);
std::optional<queue::Record> record_of(const Line& line);

}  // namespace backstitch::safe::files
