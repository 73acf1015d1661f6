// A turn as the statements of its pipeline: only tables with rows, each row once.
#pragma once
#include <cstdint>
#include <vector>

#include "stores/database/port.h"
#include "stores/database/postgres/parameters.h"
#include "stores/database/postgres/statements.h"

namespace backstitch::database {

struct Step {
  Statement statement;
  std::int64_t rows = 0;
  Parameters parameters;
};

/// The fence first (it locks the positions, in the order of partitions), assets before the inventory that refers to them.
std::vector<Step> steps_of(const TurnWrite& turn);

}  // namespace backstitch::database
