// A session with an org: who we are, the token, and each request with what is tried again by itself.
#pragma once
#include <boost/json/value.hpp>
#include <mutex>
#include <string>

#include "base/metrics.h"
#include "base/net/http_client.h"
#include "stores/crm/salesforce/salesforce_crm.h"

namespace backstitch::crm {

/// Thread-safe.
class Session {
 public:
  explicit Session(const SalesforceSettings& settings) : settings_(settings) {}

  /// A request at "/services/data/vNN.N" + path (or a path that begins with /services/), in JSON. The answer's document; a status
  /// other than 2xx is Code::crm_failed with the org's words. Code::crm_login, unreachable.
  Result<boost::json::value> call(const std::string& method, const std::string& path, const std::string& body = {});

 private:
  struct Token {
    std::string value, instance_url;
  };
  Result<Token> token(const std::string& spent);
  Result<Token> log_in();
  Result<HttpAnswer> ask(HttpCall call, const Token& token);
  void note_usage(const HttpAnswer& answer);

  const SalesforceSettings& settings_;
  HttpClient client_;
  std::mutex mutex_;
  Token token_;  // under mutex_
  metrics::Gauge used_ = metrics::gauge("backstitch_crm_requests_used", "requests of the org's day that are used up");
  metrics::Gauge limit_ = metrics::gauge("backstitch_crm_requests_limit", "requests that the org's day has");
};

}  // namespace backstitch::crm
