// The part of SOQL that the org understands: SELECT fields FROM type WHERE SystemModstamp >= time ORDER BY SystemModstamp, Id.
#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace backstitch::standin {

/// Where a query stands: a page ends behind (after_ms, after_id). Everything is in the locator, so a killed org goes on.
struct Query {
  std::string type;                 // "Order" "OrderItem" "Asset"
  std::vector<std::string> fields;  // in the order of the SELECT
  Time since;
  std::int64_t after_ms = 0;
  std::string after_id;
};

/// Code::json_invalid with what is not understood.
Result<Query> parse_query(std::string_view text);
std::string locator_of(const Query& query);
Result<Query> parse_locator(std::string_view text);

/// One thing that a query may list.
struct Row {
  std::string type, id;
  Time modified;
  boost::json::object fields;
};

/// {"totalSize","done","records","nextRecordsUrl"}: the rows of the query behind its place, at most `page_records`.
boost::json::object answer_query(const Query& query, std::vector<Row> rows, std::size_t page_records);

/// 2026-11-23T05:21:00.000+0000
std::string salesforce_time(Time time);

}  // namespace backstitch::standin
