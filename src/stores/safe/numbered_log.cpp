#include "stores/safe/numbered_log.h"

#include <algorithm>

namespace backstitch::safe {

Status check_numbers(const std::string& log, const std::vector<NumberedLog::Entry>& entries, std::uint64_t end) {
  std::uint64_t expected = entries.front().number;
  if (expected == 0 || expected > end)
    return fail(Code::offset_behind_end, "{}: {} after {} leaves a gap", log, expected, end - 1);
  for (const NumberedLog::Entry& entry : entries) {
    if (entry.number != expected)
      return fail(Code::offset_behind_end, "{}: {} stands where {} belongs", log, entry.number, expected);
    ++expected;
  }
  return {};
}

std::size_t known_entries(const std::vector<NumberedLog::Entry>& entries, std::uint64_t end) {
  return std::min(entries.size(), static_cast<std::size_t>(end - entries.front().number));
}

}  // namespace backstitch::safe
