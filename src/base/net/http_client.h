// HTTP client on libcurl's multi interface: one thread, keep-alive, time-outs. Thread-safe. No redirects are followed, no
// proxy of the environment is used; a body without a Content-Type is application/json; an answer has at most 64 MiB.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backstitch {

struct HttpCall {
  std::string method = "GET", url, body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::int64_t timeout_ms = 30'000;  // of the whole call, connecting included
  /// When a kept connection is closed without a byte of answer, libcurl sends the request again by itself, whatever the
  /// method; the peer may have read the first one. With this flag such a call ends as no_answer instead. Set it on every
  /// call whose second arrival would be a second effect. (A retry of which no byte had left stays allowed.)
  bool never_resend = false;
  std::string ca_file = {};  // PEM, for https; empty: whom the system trusts
  /// Given each piece of the body as it comes, on the client's own thread, instead of the answer's body; false ends the call.
  std::function<bool(std::string_view)> on_bytes = {};
};

/// How far a call got decides what its absence of an answer means (law 5).
enum class Delivery {
  answered,   // a complete HTTP response arrived
  not_sent,   // provably nothing was taken: refused connection, no such host, closed before the first byte left
  no_answer,  // bytes left or may have left, no complete answer: the outcome is unknown
};

struct HttpAnswer {
  Delivery delivery = Delivery::not_sent;
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string error;                                         // in words, when not answered
  bool untrusted = false;                                    // nothing was sent: the server's certificate is not to be trusted
  bool ok() const { return delivery == Delivery::answered && status >= 200 && status < 300; }
};

class HttpClient {
 public:
  HttpClient();
  ~HttpClient();  // running calls end as no_answer, those not yet begun as not_sent; each `done` has run when it returns
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Blocks the calling thread. Never from inside a `done`.
  HttpAnswer call(const HttpCall& call);
  /// Returns at once; `done` runs on the client's own thread and must not block.
  void call_async(HttpCall call, std::function<void(HttpAnswer)> done);

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace backstitch
