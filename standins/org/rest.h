// Salesforce's REST, as clients of it know it: one object, collections, composite, queries, changes, bulk ingest, limits.
// Works on the objects under the org's lock; what it changed is committed by the org.
#pragma once
#include <boost/json/value.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/net/http_server.h"
#include "standins/org/bulk.h"
#include "standins/org/objects.h"

namespace backstitch::standin {

struct ApiCall {
  std::string method, service;    // "/services/data/v60.0"
  std::vector<std::string> path;  // behind it
  const HttpRequest* request = nullptr;
  boost::json::value json() const;  // null when the body is none
};
using ApiAnswer = ApiResult<HttpResponse>;

class Rest {
 public:
  Rest(Objects& objects, Objects::Clock clock, std::int64_t requests_max)
      : objects_(objects), clock_(std::move(clock)), requests_max_(requests_max), bulk_(objects) {}
  ApiAnswer handle(const ApiCall& call);
  /// For the header Sforce-Limit-Info.
  std::string usage() const { return fmt::format("api-usage={}/{}", used_, requests_max_); }

 private:
  ApiAnswer route(const ApiCall& call);
  ApiAnswer object(const ApiCall& call);  // sobjects/TYPE[/ID or /FIELD/VALUE]
  ApiAnswer describe(const std::string& type) const;
  ApiAnswer changes(const ApiCall& call);     // sobjects/TYPE/updated, deleted
  ApiAnswer collection(const ApiCall& call);  // composite/sobjects
  ApiAnswer composite(const ApiCall& call);   // composite
  ApiAnswer query(const ApiCall& call);
  ApiAnswer limits() const;

  Objects& objects_;
  const Objects::Clock clock_;
  const std::int64_t requests_max_;
  std::int64_t used_ = 0;
  Bulk bulk_;
};

/// {"id","success","errors"}; with `created` for an upsert.
boost::json::object result_of(const Written& written, bool with_created);
/// JSON_PARSER_ERROR.
ApiResult<boost::json::object> object_of(const ApiCall& call);

}  // namespace backstitch::standin
