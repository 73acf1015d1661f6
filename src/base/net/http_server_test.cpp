#include "base/net/http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "base/net/http_client.h"
#include "base/net/raw_socket_testing.h"
#include "base/testing.h"

namespace backstitch {
namespace {

using testing::RawSocket;
using testing::wait_until;

HttpResponse echo(const HttpRequest& request) {
  HttpResponse response;
  response.body = request.method + " " + request.path + " " + request.body;
  for (const auto& [name, value] : request.query) response.body += " " + name + "=" + value;
  response.content_type = "text/plain";
  response.headers.emplace_back("X-Seen", std::string(request.header("x-sent")));
  return response;
}

std::unique_ptr<HttpServer> serve(HttpServer::Handler handler, HttpServer::Settings settings = {}) {
  auto server = HttpServer::start(settings, std::move(handler));
  BS_ASSERT(server.has_value(), "a free port on the loopback");
  return std::move(*server);
}

std::string at(const HttpServer& server, const std::string& target) {
  return "http://127.0.0.1:" + std::to_string(server.port()) + target;
}

HttpCall post(std::string url, std::string body) {
  HttpCall call;
  call.method = "POST", call.url = std::move(url), call.body = std::move(body);
  return call;
}

TEST(HttpServerTest, RequestArrivesWholeAndAnswerGoesBack) {
  const auto server = serve(echo);
  HttpClient client;
  HttpCall call = post(at(*server, "/a%20b?x=1&y=%2F"), "body");
  call.headers = {{"X-Sent", "yes"}};
  const HttpAnswer answer = client.call(call);
  ASSERT_TRUE(answer.ok()) << answer.error;
  EXPECT_EQ(answer.body, "POST /a b body x=1 y=/");
  EXPECT_NE(std::find(answer.headers.begin(), answer.headers.end(), std::pair<std::string, std::string>("x-seen", "yes")),
            answer.headers.end());
}

TEST(HttpServerTest, EveryMethodKeepsItsNameAndItsBody) {
  const auto server = serve(echo);
  HttpClient client;
  for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    for (const std::string body : {"", "b"}) {
      HttpCall call = post(at(*server, "/m"), body);
      call.method = method;
      EXPECT_EQ(client.call(call).body, method + " /m " + body);
    }
  }
  HttpCall head = post(at(*server, "/m"), "");
  head.method = "HEAD";
  const HttpAnswer answer = client.call(head);
  EXPECT_TRUE(answer.ok()) << answer.error;
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(client.call(post(at(*server, "/after"), "")).body, "POST /after ") << "the connection is still in step";
}

TEST(HttpServerTest, BodyOverTheLimitIs413AndTheHandlerNeverRuns) {
  std::atomic<int> runs{0};
  HttpServer::Settings settings;
  settings.body_bytes_max = 100'000;
  const auto server = serve([&](const HttpRequest& request) { return ++runs, echo(request); }, settings);
  HttpClient client;
  const HttpAnswer answer = client.call(post(at(*server, "/big"), std::string(5'000'000, 'x')));
  EXPECT_EQ(answer.delivery, Delivery::answered) << answer.error;
  EXPECT_EQ(answer.status, 413);
  EXPECT_NE(answer.body.find("BS-1102"), std::string::npos) << answer.body;
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(client.call(post(at(*server, "/fits"), std::string(100'000, 'x'))).status, 200);
  EXPECT_EQ(runs, 1);
}

TEST(HttpServerTest, ChunkedBodyOverTheLimitIs413Too) {
  HttpServer::Settings settings;
  settings.body_bytes_max = 10;
  const auto server = serve(echo, settings);
  const auto socket = RawSocket::connect(server->port());
  ASSERT_TRUE(
      socket.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n"));
  EXPECT_TRUE(socket.read_all().starts_with("HTTP/1.1 413 "));
}

TEST(HttpServerTest, Expect100IsAnsweredBeforeTheBody) {
  const auto server = serve(echo);
  const auto socket = RawSocket::connect(server->port());
  ASSERT_TRUE(socket.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_TRUE(socket.read_to("\r\n\r\n").starts_with("HTTP/1.1 100 Continue\r\n"));
  ASSERT_TRUE(socket.send("body"));
  EXPECT_TRUE(socket.read_to("\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(socket.read_to("body"), "POST /e body");
}

TEST(HttpServerTest, Expect100OverTheLimitIs413WithoutTheBody) {
  const auto server = serve(echo);
  const auto socket = RawSocket::connect(server->port());
  ASSERT_TRUE(socket.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_TRUE(socket.read_to("\r\n\r\n").starts_with("HTTP/1.1 413 "));
}

TEST(HttpServerTest, PipelinedRequestsAreAnsweredInTheirOrder) {
  const auto server = serve(echo);
  const auto socket = RawSocket::connect(server->port());
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += "POST /p" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nxy";
  ASSERT_TRUE(socket.send(requests));
  for (int i = 0; i < 20; ++i) {
    const std::string expected = "POST /p" + std::to_string(i) + " xy";
    ASSERT_TRUE(socket.read_to("\r\n\r\n").starts_with("HTTP/1.1 200 ")) << i;
    ASSERT_EQ(socket.read_to("xy"), expected);
  }
}

TEST(HttpServerTest, NonsenseIs400AndTheConnectionEnds) {
  const auto server = serve(echo);
  for (const char* text : {"this is not http\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"}) {
    const auto socket = RawSocket::connect(server->port());
    ASSERT_TRUE(socket.send(text));
    const std::string answer = socket.read_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
    EXPECT_NE(answer.find("BS-1107"), std::string::npos) << answer;
  }
}

TEST(HttpServerTest, Http10AndConnectionCloseEndTheConnection) {
  const auto server = serve(echo);
  for (const char* text : {"GET /a HTTP/1.0\r\n\r\n", "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"}) {
    const auto socket = RawSocket::connect(server->port());
    ASSERT_TRUE(socket.send(text));
    EXPECT_TRUE(socket.read_all().ends_with("GET /a "));
  }
}

TEST(HttpServerTest, AnExceptionInTheHandlerIs500WithItsNumber) {
  const auto server = serve([](const HttpRequest&) -> HttpResponse { throw std::runtime_error("broken inside"); });
  HttpClient client;
  HttpCall call;
  call.url = at(*server, "/x");
  const HttpAnswer answer = client.call(call);
  EXPECT_EQ(answer.status, 500);
  EXPECT_NE(answer.body.find("BS-9001"), std::string::npos) << answer.body;
}

TEST(HttpServerTest, ATakenPortIsSaid) {
  const auto server = serve(echo);
  HttpServer::Settings settings;
  settings.port = server->port();
  const auto second = HttpServer::start(settings, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::port_taken);
  settings.address = "not an address";
  EXPECT_EQ(HttpServer::start(settings, echo).error().code, Code::environment);
}

TEST(HttpServerTest, OverTheMostConnectionsIs503) {
  HttpServer::Settings settings;
  settings.connections_max = 2;
  const auto server = serve(echo, settings);
  auto first = RawSocket::connect(server->port());
  const auto second = RawSocket::connect(server->port());
  for (const RawSocket* socket : {static_cast<const RawSocket*>(&first), &second}) {
    ASSERT_TRUE(socket->send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"));
    ASSERT_TRUE(socket->read_to("GET /a ").starts_with("HTTP/1.1 200 "));
  }
  const std::string refused = RawSocket::connect(server->port()).read_all();
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
  EXPECT_NE(refused.find("BS-1108"), std::string::npos) << refused;
  first.close();
  EXPECT_TRUE(wait_until([&] {
    const auto socket = RawSocket::connect(server->port());
    return socket.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") &&
           socket.read_all().starts_with("HTTP/1.1 200 ");
  })) << "there is room again";
}

/// Lets a test hold a handler where it is.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool wait_for(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

TEST(HttpServerTest, StopLetsRunningHandlersAnswerAndTakesNothingNew) {
  Gate gate;
  auto server = serve([&](const HttpRequest& request) { return gate.pass(), echo(request); });
  const int port = server->port();
  const auto idle = RawSocket::connect(port);
  const auto half = RawSocket::connect(port);
  ASSERT_TRUE(half.send("POST /half HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345"));
  const auto busy = RawSocket::connect(port);
  ASSERT_TRUE(busy.send("GET /busy HTTP/1.1\r\nHost: x\r\n\r\n"));
  ASSERT_TRUE(gate.wait_for(1));
  std::atomic<bool> gone{false};
  std::thread stopper([&] { server.reset(), gone = true; });
  EXPECT_EQ(idle.read_all(), "") << "an idle connection ends at once";
  EXPECT_EQ(half.read_all(), "");
  EXPECT_FALSE(gone) << "a handler is still running";
  gate.open();
  const std::string answer = busy.read_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("GET /busy ")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
  stopper.join();
  HttpClient client;
  HttpCall call;
  call.url = "http://127.0.0.1:" + std::to_string(port);
  EXPECT_EQ(client.call(call).delivery, Delivery::not_sent);
}

TEST(HttpServerTest, HandlersRunInABoundedPool) {
  Gate gate;
  std::atomic<int> inside{0}, most{0}, finished{0};
  HttpServer::Settings settings;
  settings.threads = 3;
  const auto server = serve(
      [&](const HttpRequest& request) {
        const int now = ++inside;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {}
        gate.pass();
        --inside;
        return echo(request);
      },
      settings);
  HttpClient client;
  for (int i = 0; i < 12; ++i)
    client.call_async(post(at(*server, "/x"), ""), [&](HttpAnswer answer) { finished += answer.ok(); });
  ASSERT_TRUE(gate.wait_for(3));
  gate.open();
  EXPECT_TRUE(wait_until([&] { return finished == 12; }));
  EXPECT_EQ(most, 3);
}

}  // namespace
}  // namespace backstitch
