#include "recovery/prepared/positions.h"

#include <boost/json.hpp>

namespace backstitch::recovery {
namespace json = boost::json;

json::array positions_array(const std::vector<database::Position>& positions) {
  json::array rows;
  for (const database::Position& at : positions) rows.push_back(json::array{at.partition, at.incoming, at.completer});
  return rows;
}

std::vector<database::Position> positions_from(const json::array& rows) {
  std::vector<database::Position> positions;
  for (const json::value& row : rows) {
    database::Position& at = positions.emplace_back();
    at.partition = row.at(0).to_number<Partition>();
    at.incoming = row.at(1).to_number<std::uint64_t>(), at.completer = row.at(2).to_number<std::uint64_t>();
  }
  return positions;
}

}  // namespace backstitch::recovery
