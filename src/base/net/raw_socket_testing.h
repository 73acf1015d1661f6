// For tests only: plain sockets, to see and to break on the wire what server and client do.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "base/assert.h"

namespace backstitch::testing {

class RawSocket {
 public:
  explicit RawSocket(int fd) : fd_(fd) {}
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RawSocket& operator=(RawSocket&&) = delete;
  ~RawSocket() { close(); }

  static RawSocket connect(int port) {
    RawSocket out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(port);
    BS_ASSERT(::connect(out.fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "a listening port");
    return out;
  }
  static RawSocket listen(int& port) {
    RawSocket out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    BS_ASSERT(::bind(out.fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && ::listen(out.fd_, 16) == 0,
              "a free port");
    socklen_t length = sizeof address;
    ::getsockname(out.fd_, reinterpret_cast<sockaddr*>(&address), &length);
    port = ntohs(address.sin_port);
    return out;
  }
  /// Nobody listens there at this moment.
  static bool is_free(int port) {
    const RawSocket out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    ::setsockopt(out.fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address = loopback(port);
    return ::bind(out.fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  /// Waits at most 10 s; ok() is false then.
  RawSocket accept() const { return RawSocket(readable(10'000) ? ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC) : -1); }
  bool ok() const { return fd_ >= 0; }
  bool readable(int wait_ms) const {
    pollfd entry{fd_, POLLIN, 0};
    return ::poll(&entry, 1, wait_ms) == 1;
  }
  bool send(const std::string& bytes) const {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  /// Until `end` has arrived, the peer has closed, or 10 s are over.
  std::string read_to(const std::string& end) const {
    std::string out;
    char byte;
    while (!(out.size() >= end.size() && !end.empty() && out.ends_with(end)) && readable(10'000) && ::recv(fd_, &byte, 1, 0) == 1)
      out += byte;
    return out;
  }
  std::string read_all() const { return read_to(""); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  int fd_;
};

}  // namespace backstitch::testing
