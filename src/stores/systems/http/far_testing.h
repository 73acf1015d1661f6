// For tests only: the far system on a real socket.
#pragma once
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/assert.h"
#include "base/net/http_server.h"
#include "base/net/raw_socket_testing.h"
#include "stores/systems/strict_fake.h"

namespace backstitch::systems {

/// A port of 127.0.0.1 where nobody listens.
inline int closed_port() {
  int port = 0;
  testing::RawSocket::listen(port).close();
  return port;
}

/// Answers as its Far was told, and tells it what arrived.
class FarServer {
 public:
  explicit FarServer(std::shared_ptr<Far> far) : far_(std::move(far)) {
    auto server = HttpServer::start({}, [this](const HttpRequest& request) { return answer(request); });
    BS_ASSERT(server, "a server on a free port");
    server_ = std::move(*server);
  }
  ~FarServer() { release(); }

  std::string base() const {
    const int port = far_->mood() == Far::Mood::gone ? nowhere_ : server_->port();
    return fmt::format("http://127.0.0.1:{}/keyed", port);
  }
  void release() {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(released_, true)) release_.set_value();
  }

 private:
  HttpResponse answer(const HttpRequest& request) {
    const auto header = [&](const char* name) { return std::string(request.header(name)); };
    const Arrival arrival = {request.method,        request.path, key_of(request),
                             subject_of(request),   request.body, header("backstitch-epoch"),
                             header("callback-url")};
    const Far::Mood mood = far_->mood();
    far_->arrive(arrival);
    if (mood == Far::Mood::hangs) released_future_.wait();
    const auto [status, body] = far_->reply_to(arrival);
    return {.status = status, .body = body, .drop_connection = mood == Far::Mood::drops};
  }

  static std::string key_of(const HttpRequest& request) {
    if (const auto key = request.header("idempotency-key"); !key.empty()) return std::string(key);
    const auto at = request.path.find("/effects/");
    const std::string rest = at == std::string::npos ? std::string() : request.path.substr(at + 9);
    return rest.substr(0, rest.find('/'));
  }
  static std::string subject_of(const HttpRequest& request) {
    const auto called = request.header("backstitch-subject");
    return std::string(called.empty() ? request.query_value("subject") : called);
  }

  std::shared_ptr<Far> far_;
  const int nowhere_ = closed_port();
  std::mutex mutex_;
  bool released_ = false;
  std::promise<void> release_;
  std::shared_future<void> released_future_ = release_.get_future().share();
  std::unique_ptr<HttpServer> server_;  // last: its handlers use what stands above
};

}  // namespace backstitch::systems
