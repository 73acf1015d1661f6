// A catalog document out of entities, and the next one out of the last and what was published since.
#pragma once
#include <string>
#include <vector>

#include "stores/crm/catalog_reader.h"

namespace backstitch {

inline constexpr const char* crm_catalog_source = "crm";  // "source" of a catalog that came from there

/// The text of a version ("backstitch.catalog/1"): whoever comes by way of deltas has the same, to the byte. Faults of the
/// content are found by whoever reads it.
Result<std::string> assemble_catalog(const crm::CatalogContent& content);
/// In the order of their indices, each once: those that `base` holds already are passed over. Code::crm_failed when one is
/// missing in between: then everything has to be read.
Result<std::string> apply_deltas(const std::string& base, const std::vector<crm::CatalogDelta>& deltas);

}  // namespace backstitch
