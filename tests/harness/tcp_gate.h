// A gate on the loopback device between a client and a real server: what goes through it can be closed, delayed, held back, lost
// or cut. It knows nothing of protocols but that a server replies to what it was sent.
#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

namespace backstitch::testing {

/// Thread-safe. What is told holds for connections that are there, too, from the next bytes on.
class TcpGate {
 public:
  static constexpr int always = std::numeric_limits<int>::max();

  explicit TcpGate(int server_port);
  ~TcpGate();  // closes everything
  TcpGate(const TcpGate&) = delete;
  TcpGate& operator=(const TcpGate&) = delete;

  int port() const;  // where it listens

  /// From now on the rules below hold for those requests alone whose first bytes contain this; empty: for all.
  void only(const std::string& bytes);
  void pass();                                // all goes as it comes, what was held back first
  void refuse();                              // connections are closed, and new ones as soon as they are there
  void close_connections();                   // those of now
  void delay(std::int64_t ms);                // all bytes come so much later, both ways; 0: no more
  void hold_requests();                       // until pass(); then they reach the server also when who sent them has gone
  void lose_replies(int times = always);      // nothing comes back, the connection stays open
  void close_at_replies(int times = always);  // the connection is closed instead of a reply
  void cut_replies(std::int64_t bytes, int times = always);  // and closed behind so many bytes of a reply

  int replies_taken() const;  // lost, closed or cut so far
  int requests_held() const;  // connections on which something is held back now
  int late_replies() const;   // that came for somebody who had gone

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace backstitch::testing
