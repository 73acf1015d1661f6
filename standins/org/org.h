// The CRM org: submits its orders, takes the updates of the CRM sync, and writes both down.
//
//   POST  /services/oauth2/token                     any credentials; the answer names this address as instance
//   PATCH /services/data/v60.0/composite/sobjects    at most 200 records, allOrNone false
//   GET   /services/data/v60.0/query?q=SELECT … FROM Order WHERE SystemModstamp >= … ORDER BY SystemModstamp, Id
//   GET   /services/data/v60.0/query/{locator}       the next page (nextRecordsUrl); 2000 records, or Sforce-Query-Options:
//   batchSize=N GET   /orders/{externalId}    GET /records/{type}/{externalId}    GET /ledger/summary
#pragma once
#include <memory>
#include <mutex>
#include <set>

#include "base/net/http_server.h"
#include "standins/common/ledger.h"
#include "standins/common/submitter.h"
#include "standins/org/query.h"
#include "standins/org/records.h"

namespace backstitch::standin {

struct OrgSettings {
  std::string data;
  std::uint64_t seed = 1;
  double lock_rate = 0;  // share of records answered UNABLE_TO_LOCK_ROW
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

 private:
  explicit Org(const OrgSettings& settings) : settings_(settings) {}
  Status replay(const boost::json::object& line);
  /// An order as its submitter knows it; for queries alone, no record of an update.
  struct Submission {
    std::string source;
    std::int64_t version = 1;
    std::string status;  // "Queued" from the first attempt on, "Submitted" once acknowledged, "Rejected"
    Time changed_at, submitted_at;
  };
  void remember_order(const std::string& kind, const OrderText& order, Time at);
  void note_order(const char* kind, const OrderText& order, int attempt, const HttpAnswer& answer);
  HttpResponse route(const HttpRequest& request);
  HttpResponse token(const HttpRequest& request) const;
  HttpResponse take_updates(const HttpRequest& request);
  boost::json::object take_update(const boost::json::value& record);
  HttpResponse record(const std::string& type, const std::string& external_id) const;
  HttpResponse summary() const;
  HttpResponse query(const HttpRequest& request, const Result<Query>& query) const;
  std::vector<Row> rows(const std::string& type) const;

  const OrgSettings settings_;
  std::unique_ptr<Ledger> ledger_;
  mutable std::mutex mutex_;
  Records records_;
  std::map<std::string, std::int64_t> asked_;  // times a record was tried, for the draw of a lock
  std::set<std::string> acknowledged_, rejected_;
  std::map<std::string, Submission> submissions_by_id_;  // by source order id
  std::int64_t given_ = 0, submissions_ = 0, locked_ = 0;
  std::unique_ptr<Submitter> submitter_;
};

}  // namespace backstitch::standin
