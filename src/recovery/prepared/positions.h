// Places of a copy, or of a database, as they stand in evidence: [[partition,incoming,completer],…].
#pragma once
#include <boost/json/array.hpp>
#include <vector>

#include "stores/database/port.h"

namespace backstitch::recovery {

boost::json::array positions_array(const std::vector<database::Position>& positions);
std::vector<database::Position> positions_from(const boost::json::array& rows);

}  // namespace backstitch::recovery
