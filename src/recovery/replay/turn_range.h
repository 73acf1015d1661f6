// What a line of the turn mirror says that its turn consumed.
#pragma once
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>

namespace backstitch::recovery {

struct TurnRange {
  std::uint64_t from = 0, end = 0;  // `end` behind the last record
};

/// ["from","end"] of "incoming" or "completer"; not set for a line that is no turn.
std::optional<TurnRange> range_of_turn(const boost::json::object& turn, const char* name);

}  // namespace backstitch::recovery
