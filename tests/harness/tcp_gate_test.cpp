#include "harness/tcp_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/net/raw_socket_testing.h"
#include "base/testing.h"
#include "base/time.h"

namespace backstitch::testing {
namespace {

/// A server that says a line again that it is told, with "echo " before it.
class Echo {
 public:
  Echo() : listener_(RawSocket::listen(port_)), thread_([this] { run(); }) {}
  ~Echo() {
    over_ = true;
    thread_.join();
    for (std::thread& one : connections_) one.join();
  }
  int port() const { return port_; }
  int heard() const { return heard_; }

 private:
  void run() {
    while (!over_)
      if (listener_.readable(5)) connections_.emplace_back([this, peer = listener_.accept()] { serve(peer); });
  }
  void serve(const RawSocket& peer) {
    while (!over_) {
      if (!peer.readable(5)) continue;
      const std::string line = peer.read_to("\n");
      if (!line.ends_with('\n')) return;
      ++heard_;
      peer.send("echo " + line);
    }
  }
  int port_ = 0;
  RawSocket listener_;
  std::atomic<bool> over_{false};
  std::atomic<int> heard_{0};
  std::vector<std::thread> connections_;
  std::thread thread_;
};

struct TcpGateTest : ::testing::Test {
  Echo echo;
  TcpGate gate{echo.port()};
  RawSocket connect() const { return RawSocket::connect(gate.port()); }
  static std::string ask(const RawSocket& socket, const std::string& line) {
    socket.send(line + "\n");
    return socket.read_to("\n");
  }
};

TEST_F(TcpGateTest, PassesWhatComes) {
  const RawSocket one = connect(), other = connect();
  EXPECT_EQ(ask(one, "a"), "echo a\n");
  EXPECT_EQ(ask(other, std::string(200 << 10, 'x')).size(), (200u << 10) + 6);
  EXPECT_EQ(ask(one, "b"), "echo b\n");
}

TEST_F(TcpGateTest, RefusesAndOpensAgain) {
  const RawSocket before = connect();
  EXPECT_EQ(ask(before, "a"), "echo a\n");
  gate.refuse();
  EXPECT_EQ(before.read_all(), "");
  EXPECT_EQ(ask(connect(), "b"), "");
  gate.pass();
  EXPECT_EQ(ask(connect(), "c"), "echo c\n");
  const RawSocket later = connect();
  EXPECT_EQ(ask(later, "d"), "echo d\n");
  gate.close_connections();
  EXPECT_EQ(later.read_all(), "");
  EXPECT_EQ(ask(connect(), "e"), "echo e\n");
}

TEST_F(TcpGateTest, DelaysBothWays) {
  gate.delay(30);
  const std::int64_t begun = monotonic_ms();
  EXPECT_EQ(ask(connect(), "a"), "echo a\n");
  EXPECT_GE(monotonic_ms() - begun, 60);
}

TEST_F(TcpGateTest, AReplyIsLostAndTheNextIsNot) {
  const RawSocket one = connect();
  gate.lose_replies(1);
  one.send("a\n");
  EXPECT_TRUE(wait_until([&] { return gate.replies_taken() == 1; }));
  EXPECT_EQ(echo.heard(), 1);
  EXPECT_FALSE(one.readable(30)) << "silence, and no end";
  EXPECT_EQ(ask(one, "b"), "echo b\n");
}

TEST_F(TcpGateTest, AConnectionIsClosedInsteadOfAReply) {
  gate.close_at_replies(1);
  EXPECT_EQ(ask(connect(), "a"), "");
  EXPECT_EQ(echo.heard(), 1);
  EXPECT_EQ(ask(connect(), "b"), "echo b\n");
}

TEST_F(TcpGateTest, AReplyIsCut) {
  gate.cut_replies(7, 1);
  EXPECT_EQ(ask(connect(), "abcdef"), "echo ab");
  EXPECT_EQ(ask(connect(), "abcdef"), "echo abcdef\n");
}

TEST_F(TcpGateTest, ARuleMayHoldForSomeRequestsOnly) {
  const RawSocket one = connect();
  gate.only("PUT");
  gate.close_at_replies(1);
  EXPECT_EQ(ask(one, "GET"), "echo GET\n");
  EXPECT_EQ(ask(one, "PUT"), "");
  gate.hold_requests();
  const RawSocket other = connect();
  EXPECT_EQ(ask(other, "GET"), "echo GET\n");
  other.send("PUT\n");
  EXPECT_TRUE(wait_until([&] { return gate.requests_held() == 1; }));
  EXPECT_EQ(echo.heard(), 3);
  gate.pass();
  EXPECT_EQ(other.read_to("\n"), "echo PUT\n");
}

TEST_F(TcpGateTest, WhatIsHeldBackArrivesThoughItsSenderHasGone) {
  gate.hold_requests();
  {
    const RawSocket gone = connect();
    gone.send("a\n");
    EXPECT_TRUE(wait_until([&] { return gate.requests_held() == 1; }));
  }
  EXPECT_EQ(echo.heard(), 0);
  gate.pass();
  EXPECT_TRUE(wait_until([&] { return gate.late_replies() == 1; }));
  EXPECT_EQ(echo.heard(), 1);
}

}  // namespace
}  // namespace backstitch::testing
