// The catalog out of queries: Product2, CatalogEntity__c and CatalogDelta__c.
#pragma once
#include <boost/json/array.hpp>
#include <functional>

#include "stores/crm/catalog_reader.h"

namespace backstitch::crm {

/// All records of a SOQL query, with its pages.
using Query = std::function<Result<boost::json::array>(const std::string& soql)>;

Result<CatalogContent> catalog_of(const Query& query);
Result<std::vector<CatalogDelta>> deltas_of(const Query& query, std::int64_t after);

}  // namespace backstitch::crm
