#include "standins/riak/wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <set>
#include <thread>

namespace backstitch::standin {
namespace {

/// What comes over one connection, in pieces that the reader wants. Each is none when the connection ends before.
class Incoming {
 public:
  explicit Incoming(int fd) : fd_(fd) {}
  /// Up to and with `end`.
  std::optional<std::string> until(const std::string& end) {
    std::size_t found;
    while ((found = bytes_.find(end)) == std::string::npos)
      if (!more()) return std::nullopt;
    return take(found + end.size());
  }
  std::optional<std::string> count(std::size_t size) {
    while (bytes_.size() < size)
      if (!more()) return std::nullopt;
    return take(size);
  }

 private:
  bool more() {
    std::string piece(256 << 10, '\0');
    const ssize_t size = ::recv(fd_, piece.data(), piece.size(), 0);
    if (size > 0) bytes_.append(piece, 0, static_cast<std::size_t>(size));
    return size > 0;
  }
  std::string take(std::size_t size) {
    std::string out = bytes_.substr(0, size);
    bytes_.erase(0, size);
    return out;
  }
  const int fd_;
  std::string bytes_;
};

void read_head(WireRequest& request) {
  std::size_t at = request.head.find("\r\n");
  const std::string first = request.head.substr(0, at);
  request.method = first.substr(0, first.find(' '));
  request.target = first.substr(request.method.size() + 1, first.rfind(' ') - request.method.size() - 1);
  for (at += 2; at + 2 < request.head.size();) {
    const auto end = request.head.find("\r\n", at), colon = request.head.find(':', at);
    const auto value = request.head.find_first_not_of(' ', colon + 1);
    request.headers.emplace_back(request.head.substr(at, colon - at), request.head.substr(value, end - value));
    at = end + 2;
  }
}

std::optional<std::string> read_chunks(Incoming& incoming) {
  for (std::string body;;) {
    const auto size = incoming.until("\r\n");
    if (!size) return std::nullopt;
    const std::size_t bytes = std::stoul(*size, nullptr, 16);
    const auto chunk = incoming.count(bytes + 2);
    if (!chunk) return std::nullopt;
    if (bytes == 0) return body;
    body.append(*chunk, 0, bytes);
  }
}

std::optional<WireRequest> read_request(Incoming& incoming) {
  WireRequest request;
  auto head = incoming.until("\r\n\r\n");
  if (!head) return std::nullopt;
  request.head = std::move(*head);
  read_head(request);
  const std::string length = request.header("Content-Length");
  auto body = request.header("Transfer-Encoding") == "chunked" ? read_chunks(incoming)
                                                               : incoming.count(length.empty() ? 0 : std::stoul(length));
  if (!body) return std::nullopt;
  request.body = std::move(*body);
  return request;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

std::string WireRequest::header(const std::string& name) const {
  for (const auto& [key, value] : headers)
    if (::strcasecmp(key.c_str(), name.c_str()) == 0) return value;
  return {};
}

struct Wire::Shared {
  Handler handler;
  int listener = -1, port = 0;
  std::mutex mutex;
  std::set<int> open;                 // under mutex
  std::vector<std::thread> speakers;  // own thread only
  std::thread thread;

  void serve(int fd) {
    Incoming incoming(fd);
    while (const auto request = read_request(incoming)) {
      const auto answer = handler(*request);
      if (!answer || !send_all(fd, *answer)) break;
    }
    const std::lock_guard lock(mutex);
    open.erase(fd);
    ::close(fd);
  }
  void accept_all() {
    for (int fd; (fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      const std::lock_guard lock(mutex);
      open.insert(fd);
      speakers.emplace_back([this, fd] { serve(fd); });
    }
    for (std::thread& speaker : speakers) speaker.join();
  }
};

Wire::Wire(Handler handler, int port) : shared_(std::make_unique<Shared>()) {
  shared_->handler = std::move(handler);
  shared_->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int again = 1;  // a port of somebody who was killed a moment ago
  ::setsockopt(shared_->listener, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
  sockaddr_in address{};
  address.sin_family = AF_INET, address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t length = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(shared_->listener, plain, length) != 0 || ::listen(shared_->listener, 64) != 0) return;
  ::getsockname(shared_->listener, plain, &length);
  shared_->port = ntohs(address.sin_port);
  shared_->thread = std::thread([shared = shared_.get()] { shared->accept_all(); });
}

Wire::~Wire() {
  ::shutdown(shared_->listener, SHUT_RDWR);
  {
    const std::lock_guard lock(shared_->mutex);
    for (const int fd : shared_->open) ::shutdown(fd, SHUT_RDWR);
  }
  if (shared_->thread.joinable()) shared_->thread.join();
  ::close(shared_->listener);
}

int Wire::port() const { return shared_->port; }

}  // namespace backstitch::standin
