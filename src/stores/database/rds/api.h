// The Query API of Amazon RDS: signed calls, XML answers. What is throttled or away is asked again; a call whose answer was lost
// may have been taken, which its caller must bear.
#pragma once
#include <string>

#include "base/error.h"
#include "base/net/http_client.h"
#include "base/net/sigv4.h"

namespace backstitch::database {

struct RdsApiSettings {
  std::string endpoint;  // "https://rds.eu-west-1.amazonaws.com"
  std::string region, access_key, secret_key, ca_file;
  std::int64_t timeout_ms = 60'000;  // of a call with its repetitions
};

class RdsApi {
 public:
  explicit RdsApi(RdsApiSettings settings) : settings_(std::move(settings)) {}

  struct Answer {
    std::string body;  // of a 200
    std::string code;  // "DBInstanceNotFound" of what was refused; empty for a 200
    std::string message;
  };
  /// Also what the service refused for a reason of its own. Code::backup_failed when it cannot be reached, does not know us, or
  /// is away for longer than that.
  Result<Answer> call(const std::string& action, Pairs parameters);

 private:
  HttpCall signed_call(const std::string& body) const;
  RdsApiSettings settings_;
  HttpClient http_;
};

}  // namespace backstitch::database
