// Answers queries page by page. Where the next page begins stands in its locator, in the terms of the order: a killed org goes
// on, and what moves while somebody reads is neither lost nor told twice in one place.
#pragma once
#include <boost/json/object.hpp>

#include "standins/org/objects.h"
#include "standins/org/soql.h"

namespace backstitch::standin {

struct Page {
  std::string text;           // the query
  bool with_deleted = false;  // queryAll
  std::size_t records_max = 2000;
  std::size_t total = 0;     // as the first page said
  boost::json::array after;  // keys of the last row of the page before; empty: the first page
};
/// `options`: the header Sforce-Query-Options, batchSize=N with N from 200 to 2000.
Page first_page(std::string text, bool with_deleted, std::string_view options);
/// INVALID_QUERY_LOCATOR.
ApiResult<Page> next_page(std::string_view locator, bool with_deleted);

/// {"totalSize","done","records","nextRecordsUrl"}; `service` is "/services/data/v60.0".
ApiResult<boost::json::object> answer_query(const Objects& objects, const Page& page, const std::string& service);

/// A record as answers show it: chosen fields, null for what is not set.
boost::json::object record_of(const Objects& objects, const ObjectRow& row, const std::vector<std::string>& fields,
                              const std::string& service);
/// 2026-11-23T05:21:00.000+0000
std::string salesforce_time(Time time);

}  // namespace backstitch::standin
