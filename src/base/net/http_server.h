// HTTP/1.1 server on 127.0.0.1: keep-alive, body at most 8 MiB (413), requests handed to a bounded pool of threads.
// The one file that includes Beast is http_server.cpp.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace backstitch {

struct HttpRequest {
  std::string method;                                        // upper case
  std::string path;                                          // decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;    // decoded
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string_view header(std::string_view lower_case_name) const;  // empty when absent
  std::string_view query_value(std::string_view name, std::string_view otherwise = {}) const;
};

struct HttpResponse {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  /// The stand-ins' lost reply: close the connection without a byte.
  bool drop_connection = false;
};

class HttpServer {
 public:
  struct Settings {
    std::string address = "127.0.0.1";
    int port = 0;     // 0 takes a free one
    int threads = 2;  // of the pool that runs handlers
    int connections_max = 1024;
    std::size_t body_bytes_max = 8u << 20;
  };
  /// Runs on a thread of the pool and may block; an exception in it becomes 500 BS-9001.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;
  /// Listens when it returns. Code::port_taken. Above connections_max a connection is answered 503 BS-1108 and closed.
  static Result<std::unique_ptr<HttpServer>> start(const Settings& settings, Handler handler);
  virtual ~HttpServer() = default;  // stops accepting, waits for running handlers
  virtual int port() const = 0;
};

/// RFC 9457 problem of an error, with code, hint, retryable and errors[]; status from the table.
HttpResponse problem_response(const Error& error);
/// The problem document itself.
std::string problem_json(const Error& error);

}  // namespace backstitch
