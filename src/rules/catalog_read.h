// The pieces of the catalog's reader and writer. Inside of catalog_json.
#pragma once
#include <boost/json/fwd.hpp>

#include "model/catalog.h"
#include "rules/object_reader.h"

namespace backstitch {

inline constexpr std::int64_t number_max = 1'000'000'000'000;  // of every count and duration in ms in a catalog

// Shape: one entry of the struct for each entry of the document, faulty or not, so that places are pointers later.
void read_products(ObjectReader& root, Catalog& catalog);  // classes, attributes, products, decomposition
void read_plans(ObjectReader& root, Catalog& catalog);     // plans, dependencies, scenarios
void read_systems(ObjectReader& root, Catalog& catalog);

// Sense: duplicates, references, scopes, cycles.
void check_references(const Catalog& catalog, std::vector<Fault>& faults);
void check_cycles(const Catalog& catalog, std::vector<Fault>& faults);

}  // namespace backstitch
