// The CRM org: submits its orders, takes the updates of the CRM sync, and writes both down. It speaks Salesforce's REST so that
// any client of that can work with it (rest.h): OAuth, one object, collections, composite, queries, changes, bulk ingest, limits.
// Beside it:
//
//   PATCH /services/data/v60.0/composite/sobjects    without ids: updates by ExternalId__c, an older one is success and "stale"
//   GET   /orders/{externalId}    GET /records/{type}/{externalId}    GET /ledger/summary
#pragma once
#include <memory>
#include <mutex>
#include <set>

#include "base/net/http_server.h"
#include "standins/common/ledger.h"
#include "standins/common/submitter.h"
#include "standins/org/faults.h"
#include "standins/org/login.h"
#include "standins/org/records.h"
#include "standins/org/rest.h"

namespace backstitch::standin {

struct OrgSettings {
  std::string data;
  FaultSettings faults = {};
  LoginSettings login = {};
  std::int64_t requests_max = 1'000'000;  // then 403 REQUEST_LIMIT_EXCEEDED
  Objects::Clock clock = wall_clock;
};

/// Thread-safe.
class Org {
 public:
  /// Rebuilds records and acknowledgements from the ledger. Code::file_failed, Code::json_invalid.
  static Result<std::unique_ptr<Org>> open(const OrgSettings& settings);

  /// Starts to submit those of the orders that were neither acknowledged nor rejected before.
  void submit(std::vector<OrderText> orders, const SubmitSettings& settings, Target& target);
  /// Stops submitting; waits for the calls in the air.
  void stop();

  /// An answer leaves here only when everything it may rest on is on the disk.
  HttpResponse handle(const HttpRequest& request);

  Faults& faults() { return faults_; }
  /// As if the order had been submitted now, and answered "received".
  void submitted(const std::string& source, const std::string& source_order_id);
  /// The fields of a record as they stand; none when there is no such record.
  std::optional<boost::json::object> fields_of(const std::string& type, const std::string& external_id) const;

 private:
  explicit Org(const OrgSettings& settings);
  Status replay(const boost::json::object& line);
  /// An order as its submitter knows it.
  struct Submission {
    std::string source;
    std::int64_t version = 1;
    std::string status;  // "Queued" from the first attempt on, "Submitted" once acknowledged, "Rejected"
    Time changed_at, submitted_at;
  };
  void remember_order(const std::string& kind, const OrderText& order, Time at);
  void note_order(const char* kind, const OrderText& order, int attempt, const HttpAnswer& answer);
  HttpResponse route(const HttpRequest& request);
  HttpResponse service(const HttpRequest& request, std::vector<std::string> path);
  void commit();
  HttpResponse take_updates(const HttpRequest& request);
  boost::json::object take_update(const boost::json::value& record);
  HttpResponse record(const std::string& type, const std::string& external_id) const;
  HttpResponse summary() const;

  const OrgSettings settings_;
  std::unique_ptr<Ledger> ledger_;
  mutable std::mutex mutex_;
  Records records_;
  Faults faults_;
  Login login_;
  Objects objects_;
  Rest rest_;
  std::set<std::string> acknowledged_, rejected_;
  std::map<std::string, Submission> submissions_by_id_;  // by source order id
  std::int64_t given_ = 0, submissions_ = 0;
  std::unique_ptr<Submitter> submitter_;
};

}  // namespace backstitch::standin
