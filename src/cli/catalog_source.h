// A catalog as a person hands it in: a JSON file, a folder with catalog.json, or a folder with a CSV export.
#pragma once
#include <string>
#include <vector>

#include "model/catalog.h"

namespace backstitch::cli {

struct CatalogSource {
  std::string text;  // JSON, format "backstitch.catalog/1"
  CatalogPtr catalog;
  std::vector<std::string> notices;  // of the importer, numbered
};

/// Checked completely: Code::catalog_invalid or import_failed with every fault. `source` and `index` are for CSV, which has none.
Result<CatalogSource> read_catalog_source(const std::string& path, const std::string& source, std::int64_t index);

}  // namespace backstitch::cli
