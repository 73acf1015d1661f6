// A TCP connection whose every call ends by a deadline. Not thread-safe.
#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace backstitch::cache {

using Deadline = std::chrono::steady_clock::time_point;

class Socket {
 public:
  /// All fail with Code::unreachable.
  static Result<Socket> connect(const std::string& host, int port, Deadline deadline);
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&&) = delete;
  ~Socket();

  Status send(std::string_view bytes, Deadline deadline);
  /// At least one byte; the end of the connection is a failure.
  Result<std::string> receive(Deadline deadline);
  /// Nothing has come, and the peer has not closed.
  bool is_quiet() const;

 private:
  explicit Socket(int fd) : fd_(fd) {}
  Status await(short events, Deadline deadline) const;
  int fd_;
};

}  // namespace backstitch::cache
