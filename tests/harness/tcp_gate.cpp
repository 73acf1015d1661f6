#include "harness/tcp_gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace backstitch::testing {
namespace {

constexpr int look_every_ms = 5;  // at what the test says

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  static Socket fresh() { return Socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }
  int fd() const { return fd_; }
  void at_once() const {
    const int yes = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  }
  /// Nothing when the other side has ended.
  std::optional<std::string> read() const {
    std::string bytes(64 << 10, '\0');
    const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (count <= 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(count));
    return bytes;
  }
  bool send(const std::string& bytes) const {
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t count = ::send(fd_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
      if (count <= 0) return false;
      done += static_cast<std::size_t>(count);
    }
    return true;
  }

 private:
  int fd_;
};

bool readable(const Socket& socket, int wait_ms) {
  pollfd entry{socket.fd(), POLLIN, 0};
  return ::poll(&entry, 1, wait_ms) == 1;
}

enum class OnReply { pass, lose, close, cut };

}  // namespace

struct TcpGate::Inside {
  int server_port = 0, port = 0;
  Socket listener = Socket::fresh();
  std::atomic<bool> stopping{false}, refusing{false}, holding{false};
  std::atomic<std::int64_t> delay_ms{0};
  std::atomic<int> generation{0};  // connections of an older one are closed
  std::atomic<int> taken{0}, held{0}, late{0};
  std::mutex mutex;
  OnReply on_reply = OnReply::pass;  // this and the next three: under mutex
  std::int64_t cut_bytes = 0;
  int times = 0;
  std::string only;
  std::vector<std::thread> connections;  // of the listening thread alone
  std::thread thread;

  struct Connection;
  void listen();
  void set(OnReply what, int how_often, std::int64_t bytes);
  bool matters(const std::string& request);
  std::pair<OnReply, std::int64_t> next_reply();
};

/// One connection through the gate, on a thread of its own.
struct TcpGate::Inside::Connection {
  Inside& gate;
  Socket client, server = Socket::fresh();
  int generation = 0;
  std::string waiting;                      // from the client, not passed on yet
  bool client_gone = false, asked = false;  // something was sent to which nothing was replied
  bool matters = false;                     // the rules hold for this request
  OnReply reply = OnReply::pass;
  std::int64_t left = 0;

  bool ended() const { return gate.stopping || gate.refusing || generation != gate.generation; }

  bool holds() const { return gate.holding && matters; }

  void run() {
    sockaddr_in address = loopback(gate.server_port);
    if (::connect(server.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
    client.at_once(), server.at_once();
    while (!ended() && step()) continue;
    if (holds() && !waiting.empty()) gate.held -= 1;
  }
  bool step() {
    pollfd entries[] = {{client_gone ? -1 : client.fd(), POLLIN, 0}, {server.fd(), POLLIN, 0}};
    ::poll(entries, 2, look_every_ms);
    return (entries[0].revents == 0 || take_from_client()) && pass_on() && (entries[1].revents == 0 || take_from_server());
  }
  void linger() const { ::poll(nullptr, 0, static_cast<int>(gate.delay_ms)); }
  bool take_from_client() {
    const auto bytes = client.read();
    client_gone = !bytes;
    if (client_gone) return asked || !waiting.empty();
    if (!asked && waiting.empty()) matters = gate.matters(*bytes);
    if (holds() && waiting.empty()) gate.held += 1;
    waiting += *bytes;
    return true;
  }
  bool pass_on() {
    if (holds() || waiting.empty()) return true;
    linger();
    asked = true;
    return server.send(std::exchange(waiting, {}));
  }
  bool take_from_server() {
    const auto bytes = server.read();
    if (!bytes) return false;
    if (std::exchange(asked, false))
      std::tie(reply, left) = matters ? gate.next_reply() : std::pair(OnReply::pass, std::int64_t{0});
    if (client_gone) gate.late += 1;
    if (client_gone || reply == OnReply::close) return false;
    if (reply == OnReply::lose) return true;
    linger();
    if (reply == OnReply::pass || left > static_cast<std::int64_t>(bytes->size())) {
      left -= static_cast<std::int64_t>(bytes->size());
      return client.send(*bytes);
    }
    static_cast<void>(client.send(bytes->substr(0, static_cast<std::size_t>(left))));
    return false;
  }
};

std::pair<OnReply, std::int64_t> TcpGate::Inside::next_reply() {
  const std::lock_guard lock(mutex);
  if (on_reply == OnReply::pass || times == 0) return {OnReply::pass, 0};
  if (times != always) --times;
  ++taken;
  return {on_reply, cut_bytes};
}

bool TcpGate::Inside::matters(const std::string& request) {
  const std::lock_guard lock(mutex);
  return request.find(only) != std::string::npos;
}

void TcpGate::Inside::set(OnReply what, int how_often, std::int64_t bytes) {
  const std::lock_guard lock(mutex);
  on_reply = what, times = how_often, cut_bytes = bytes;
}

void TcpGate::Inside::listen() {
  while (!stopping) {
    if (!readable(listener, look_every_ms)) continue;
    Socket client(::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    if (client.fd() < 0 || refusing) continue;
    auto connection = std::make_shared<Connection>(Connection{*this, std::move(client)});
    connection->generation = generation;
    connections.emplace_back([connection] { connection->run(); });
  }
  for (std::thread& one : connections) one.join();
}

TcpGate::TcpGate(int server_port) : inside_(std::make_unique<Inside>()) {
  inside_->server_port = server_port;
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  const int fd = inside_->listener.fd();
  BS_ASSERT(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && ::listen(fd, 64) == 0, "a free port");
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  inside_->port = ntohs(address.sin_port);
  inside_->thread = std::thread([inside = inside_.get()] { inside->listen(); });
}

TcpGate::~TcpGate() {
  inside_->stopping = true;
  inside_->thread.join();
}

int TcpGate::port() const { return inside_->port; }

void TcpGate::only(const std::string& bytes) {
  const std::lock_guard lock(inside_->mutex);
  inside_->only = bytes;
}
void TcpGate::pass() {
  inside_->set(OnReply::pass, 0, 0);
  inside_->delay_ms = 0, inside_->held = 0;
  inside_->refusing = false, inside_->holding = false;
}
void TcpGate::refuse() { inside_->refusing = true; }
void TcpGate::close_connections() { inside_->generation += 1; }
void TcpGate::delay(std::int64_t ms) { inside_->delay_ms = ms; }
void TcpGate::hold_requests() { inside_->holding = true; }
void TcpGate::lose_replies(int times) { inside_->set(OnReply::lose, times, 0); }
void TcpGate::close_at_replies(int times) { inside_->set(OnReply::close, times, 0); }
void TcpGate::cut_replies(std::int64_t bytes, int times) { inside_->set(OnReply::cut, times, bytes); }
int TcpGate::replies_taken() const { return inside_->taken; }
int TcpGate::requests_held() const { return inside_->held; }
int TcpGate::late_replies() const { return inside_->late; }

}  // namespace backstitch::testing
