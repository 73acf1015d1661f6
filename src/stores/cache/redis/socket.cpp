#include "stores/cache/redis/socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace backstitch::cache {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Result<Addresses> addresses_of(const std::string& host, int port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM, hints.ai_flags = AI_NUMERICSERV;
  if (const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); failed != 0)
    return fail(Code::unreachable, "{}: {}", host, ::gai_strerror(failed));
  return Addresses(found, ::freeaddrinfo);
}

tl::unexpected<Error> lost(int reason) { return fail(Code::unreachable, "{}", std::strerror(reason)); }

}  // namespace

Socket::Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Socket> Socket::connect(const std::string& host, int port, Deadline deadline) {
  const auto addresses = addresses_of(host, port);
  if (!addresses) return fail(addresses.error());
  int reason = EHOSTUNREACH;
  for (const addrinfo* address = addresses->get(); address != nullptr; address = address->ai_next) {
    Socket socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int yes = 1;
    ::setsockopt(socket.fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (::connect(socket.fd_, address->ai_addr, address->ai_addrlen) == 0) return socket;
    reason = errno;
    if (reason != EINPROGRESS) continue;
    BS_TRY(socket.await(POLLOUT, deadline));
    socklen_t length = sizeof reason;
    ::getsockopt(socket.fd_, SOL_SOCKET, SO_ERROR, &reason, &length);
    if (reason == 0) return socket;
  }
  return lost(reason);
}

Status Socket::await(short events, Deadline deadline) const {
  using namespace std::chrono;
  for (;;) {
    const auto left = ceil<milliseconds>(deadline - steady_clock::now()).count();
    pollfd entry{fd_, events, 0};
    const int ready = left > 0 ? ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left, 1'000'000))) : 0;
    if (ready > 0) return {};
    if (ready == 0) return fail(Code::unreachable, "no answer in time");
    if (errno != EINTR) return lost(errno);
  }
}

Status Socket::send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno == EAGAIN)
      BS_TRY(await(POLLOUT, deadline));
    else if (errno != EINTR)
      return lost(errno);
  }
  return {};
}

Result<std::string> Socket::receive(Deadline deadline) {
  std::string bytes(16 << 10, '\0');
  for (;;) {
    BS_TRY(await(POLLIN, deadline));
    const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (count > 0) {
      bytes.resize(static_cast<std::size_t>(count));
      return bytes;
    }
    if (count == 0) return fail(Code::unreachable, "the connection was closed");
    if (errno != EINTR && errno != EAGAIN) return lost(errno);
  }
}

bool Socket::is_quiet() const {
  pollfd entry{fd_, POLLIN, 0};
  return ::poll(&entry, 1, 0) == 0;
}

}  // namespace backstitch::cache
