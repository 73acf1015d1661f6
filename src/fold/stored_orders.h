// Whole orders out of the rows, for whoever looks at them beside the fold.
#pragma once
#include <memory>
#include <vector>

#include "engine/working_set.h"
#include "fold/catalog_library.h"
#include "stores/database/port.h"

namespace backstitch {

/// Those of them that are there, by id. Code::catalog_version_missing, row_broken, and what the database answers.
Result<std::vector<std::unique_ptr<OrderWork>>> read_orders(database::Shard& shard, CatalogLibrary& library,
                                                            const std::vector<OrderId>& ids);

}  // namespace backstitch
