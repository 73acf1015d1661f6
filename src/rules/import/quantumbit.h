// Importer for the CSV export of a Revenue Cloud fulfilment catalog (catalogs/quantumbit). It loads rough data whole, and
// says in words what it chose and what it could not use. Pure: files come in as texts.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace backstitch::import {

struct Imported {
  std::string catalog;               // canonical JSON, format "backstitch.catalog/1", valid
  std::vector<std::string> notices;  // "N-001 …", in the order of the import
};

/// `files`: name without folder → content. "overlay.json" (ours) gives the systems, says which interface an integration is,
/// and may add plans, dependencies and scenarios. Code::import_failed when a file is missing or broken, a callout's integration
/// has no interface, or the result is not a valid catalog (then with its faults).
Result<Imported> import_quantumbit(const std::map<std::string, std::string>& files, const std::string& source,
                                   std::int64_t index);

}  // namespace backstitch::import
