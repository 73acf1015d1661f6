// HTTP to a running platform: --server, or the address that DIR/run/endpoints.json names. One thread.
#pragma once
#include <boost/json/fwd.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/verb.h"

namespace backstitch {
class HttpClient;
}

namespace backstitch::cli {

struct Endpoints {
  std::string api, metrics, workers;  // "http://127.0.0.1:8480"; empty when not served
};
/// Code::not_running when there is no such file.
Result<Endpoints> read_endpoints(const std::string& data_folder);

/// "/orders?state=Failed&limit=10": parameters with an empty value are left out, the others percent-encoded.
std::string with_query(std::string path, const std::vector<std::pair<std::string, std::string>>& parameters);
std::string percent_encode(std::string_view text);

class Client {
 public:
  /// Code::not_running when DIR names no address and --server is not given; usage when there is no file of the token's name.
  static Result<Client> connect(const Invocation& invocation);
  Client(Client&&) noexcept;
  ~Client();

  /// `path` without /api/v1. Errors of the server are errors here, with its code; Code::not_running, unreachable (with
  /// --server) or timed_out when nobody answers.
  Result<boost::json::value> get(const std::string& path);
  /// The body as it came, byte for byte; errors as of get().
  Result<std::string> get_text(const std::string& path);
  /// With an Idempotency-Key of its own and the actor, so that a repetition by the network is no second command.
  Result<boost::json::value> post(const std::string& path, const std::string& body);
  Result<boost::json::value> remove(const std::string& path);  // DELETE
  const std::string& address() const { return address_; }

 private:
  Client() = default;
  Result<std::string> call(const char* method, const std::string& path, const std::string& body);
  std::unique_ptr<HttpClient> http_;
  std::string address_, actor_, token_;
  bool from_data_folder_ = false;
  std::int64_t timeout_ms_ = 30'000;
};

}  // namespace backstitch::cli
