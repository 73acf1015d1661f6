// A body that is told piece by piece, as it comes.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/net/http_client.h"
#include "base/net/raw_socket_testing.h"
#include "base/testing.h"

namespace backstitch {
namespace {

using testing::RawSocket;

/// A peer that sends one piece, and the other when `heard`.
void send_pieces(const RawSocket& listener, const std::atomic<bool>& heard) {
  RawSocket there = listener.accept();
  there.read_to("\r\n\r\n");
  there.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nfirst \r\n");
  testing::wait_until([&] { return heard.load(); });
  there.send("6\r\nsecond\r\n0\r\n\r\n");
  there.read_all();
}

/// How it ended; `go_on` is asked after each piece.
HttpAnswer pieces_of(std::string& pieces, bool go_on) {
  int port = 0;
  const RawSocket listener = RawSocket::listen(port);
  std::atomic<bool> heard{false};
  std::thread peer([&] { send_pieces(listener, heard); });
  HttpCall call;
  call.url = "http://127.0.0.1:" + std::to_string(port) + "/x";
  call.on_bytes = [&](std::string_view bytes) {
    pieces += bytes, heard = true;
    return go_on;
  };
  HttpAnswer answer = HttpClient().call(call);
  peer.join();
  return answer;
}

TEST(Pieces, AreToldAsTheyCome) {
  std::string pieces;
  const HttpAnswer answer = pieces_of(pieces, true);
  EXPECT_EQ(answer.delivery, Delivery::answered) << answer.error;
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(pieces, "first second") << "the second was sent when the first had been heard";
  EXPECT_EQ(answer.body, "");
}

TEST(Pieces, WhoHasHeardEnoughEndsTheCall) {
  std::string pieces;
  EXPECT_EQ(pieces_of(pieces, false).delivery, Delivery::no_answer);
  EXPECT_EQ(pieces, "first ");
}

}  // namespace
}  // namespace backstitch
