// Records and turns for the cases of the safe's contract.
#pragma once
#include <vector>

#include "contract/words.h"
#include "stores/safe/port.h"

namespace backstitch::safe::contract {

using namespace backstitch::contract;
using Turns = std::vector<std::pair<std::uint64_t, std::string>>;

inline queue::Record record(queue::Offset offset) {
  const auto at = Time{1'800'000'000'000'000 + static_cast<std::int64_t>(offset) * 1'001};
  return {offset, at, "A-1", "incoming.submit/1", R"({"bs-id":"7"})", fmt::format(R"({{"n":{}}})", offset)};
}
/// Records first … last.
inline std::vector<queue::Record> records(queue::Offset first, queue::Offset last) {
  std::vector<queue::Record> out;
  for (queue::Offset offset = first; offset <= last; ++offset) out.push_back(record(offset));
  return out;
}
inline Turns turns(std::uint64_t first, std::uint64_t last) {
  Turns out;
  for (std::uint64_t turn = first; turn <= last; ++turn) out.emplace_back(turn, fmt::format(R"({{"turn":{}}})", turn));
  return out;
}

inline void require_same(const queue::Record& found, const queue::Record& expected) {
  same(found.offset, expected.offset, "offset");
  same(found.appended.us, expected.appended.us, "append time");
  same(found.key, expected.key, "key");
  same(found.schema, expected.schema, "schema");
  same(found.headers, expected.headers, "headers");
  require(found.value == expected.value, fmt::format("the value of {} changed", expected.offset));
}

inline std::vector<queue::Record> archived(Safe& safe, const std::string& topic, Partition partition, queue::Offset from = 1) {
  std::vector<queue::Record> out;
  done(safe.read_archive(topic, partition, from,
                         [&](const queue::Record& found) {
                           out.push_back(found);
                           return true;
                         }),
       "read_archive");
  return out;
}
/// The partition holds exactly the records 1 … last.
inline void holds(Safe& safe, const std::string& topic, Partition partition, queue::Offset last) {
  same(value_of(safe.archived_end(topic, partition), "archived_end"), last + 1, "end of the archive");
  const auto found = archived(safe, topic, partition);
  same(found.size(), static_cast<std::size_t>(last), "archived records");
  for (const queue::Record& one : found) require_same(one, record(static_cast<queue::Offset>(&one - found.data()) + 1));
}
inline Turns mirrored(Safe& safe, Partition partition) {
  Turns out;
  done(safe.read_turns(partition,
                       [&](std::uint64_t turn, const std::string& text) {
                         out.emplace_back(turn, text);
                         return true;
                       }),
       "read_turns");
  return out;
}

}  // namespace backstitch::safe::contract
