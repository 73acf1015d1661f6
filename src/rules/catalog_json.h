// Catalog JSON (format "backstitch.catalog/1") in and out, with complete validation.
#pragma once
#include "model/catalog.h"

namespace backstitch {

/// Reads, checks everything, and names the version by the SHA-256 of the canonical content. Code::catalog_invalid with every
/// fault and its pointer: missing members, duplicates, unknown references, cycles (classes, bundle children, dependencies between
/// item definitions of one scope, decomposition), scopes broader than the parent's (F023), values out of range.
Result<CatalogPtr> parse_catalog(const boost::json::value& document);
Result<CatalogPtr> parse_catalog_text(std::string_view text);
std::string catalog_json(const Catalog& catalog);

Result<Condition> parse_condition(
    const boost::json::value& json);  // Code::condition_invalid; also the exported form (SIMPLE/AND/OR)

}  // namespace backstitch
