// Reads records by SOQL, as Salesforce's REST answers it: page by page, with the address of the next one.
#pragma once
#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "base/net/http_client.h"
#include "stores/crm/changes.h"

namespace backstitch::crm {

/// All records of a query. Code::crm_failed, unreachable.
Result<boost::json::array> query_records(HttpClient& client, const std::string& url, const std::string& soql);

/// All records of a type changed at or after `since`, a record as often as pages name it. Code::crm_failed, unreachable.
Result<std::vector<ChangedRecord>> query_changed(HttpClient& client, const std::string& url, const std::string& type,
                                                 const ObjectFields& fields, Time since);

}  // namespace backstitch::crm
