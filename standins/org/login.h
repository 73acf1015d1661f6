// Who may talk to the org: OAuth by JWT bearer, verified against the public key of the one connected app, and the old login by
// SOAP. An org without users lets everyone in, with any token or none.
#pragma once
#include <map>
#include <mutex>
#include <string>

#include "base/net/http_server.h"
#include "base/time.h"

namespace backstitch::standin {

struct LoginSettings {
  std::string user, password;             // empty password: no login by SOAP
  std::string client_id, public_key_pem;  // empty: no login by JWT
  std::string audience;                   // what a JWT must be meant for; empty: the address that was called
  std::int64_t token_requests = 0;        // a token ends after so many requests; 0: never
};

/// Thread-safe.
class Login {
 public:
  explicit Login(LoginSettings settings) : settings_(std::move(settings)) {}
  bool is_open() const { return settings_.user.empty(); }
  HttpResponse token(const HttpRequest& request);
  HttpResponse soap(const HttpRequest& request);
  /// One request with this token; false: INVALID_SESSION_ID.
  bool let_in(const HttpRequest& request);

 private:
  std::string judge(const std::string& assertion, const std::string& address, std::string& code) const;
  std::string fresh_token();

  const LoginSettings settings_;
  std::mutex mutex_;
  std::map<std::string, std::int64_t> tokens_;  // requests made with it
};

}  // namespace backstitch::standin
