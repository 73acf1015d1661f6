// What is special about systems over HTTP; what every system promises is in the contract.
#include <gtest/gtest.h>

#include <future>

#include "base/net/http_server.h"
#include "stores/systems/http/far_testing.h"
#include "stores/systems/port.h"

namespace backstitch::systems {
namespace {

using backstitch::testing::RawSocket;

CallRequest request_to(int port) {
  CallRequest request;
  request.target.base = fmt::format("http://127.0.0.1:{}/keyed", port);
  request.target.method = "POST", request.target.path = "/v1/provision";
  request.key = "eff_01ABC.1", request.subject = "A-1/1/provision", request.body = R"({"bandwidth":500})";
  return request;
}

CallResult call(Systems& systems, const CallRequest& request) {
  auto answered = std::make_shared<std::promise<CallResult>>();
  auto result = answered->get_future();
  systems.call(request, [answered](CallResult given) { answered->set_value(std::move(given)); });
  if (result.wait_for(std::chrono::seconds(20)) == std::future_status::ready) return result.get();
  ADD_FAILURE() << "no answer at all";
  return {};
}

TEST(HttpSystems, TheHeadersAreThoseOfTheInterface) {
  std::promise<HttpRequest> seen;
  const auto server = HttpServer::start({}, [&](const HttpRequest& request) {
    seen.set_value(request);
    return HttpResponse{.body = "{}"};
  });
  ASSERT_TRUE(server);
  CallRequest request = request_to((*server)->port());
  request.epoch = 3;
  call(*open_http_systems(), request);
  const HttpRequest found = seen.get_future().get();
  EXPECT_EQ(found.header("idempotency-key"), "eff_01ABC.1");
  EXPECT_EQ(found.header("backstitch-subject"), "A-1/1/provision");
  EXPECT_EQ(found.header("backstitch-epoch"), "3");
  EXPECT_EQ(found.header("content-type"), "application/json");
}

TEST(HttpSystems, AnAnswerCutShortIsUnknown) {
  int port = 0;
  const RawSocket listening = RawSocket::listen(port);
  const auto systems = open_http_systems();
  std::promise<CallResult> answered;
  systems->call(request_to(port), [&](CallResult result) { answered.set_value(std::move(result)); });
  RawSocket peer = listening.accept();
  ASSERT_TRUE(peer.ok());
  peer.read_to(R"({"bandwidth":500})");
  ASSERT_TRUE(peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"circuit"));
  peer.close();
  const CallResult result = answered.get_future().get();
  EXPECT_EQ(result.outcome, CallOutcome::unknown);
  EXPECT_EQ(result.code, "keyed/no-answer");
}

TEST(HttpSystems, ARedirectIsNotFollowed) {
  const auto far = std::make_shared<Far>();
  const FarServer target(far);
  const auto server = HttpServer::start({}, [&](const HttpRequest&) {
    return HttpResponse{.status = 307, .headers = {{"Location", target.base() + "/v1/provision"}}};
  });
  ASSERT_TRUE(server);
  EXPECT_EQ(call(*open_http_systems(), request_to((*server)->port())).outcome, CallOutcome::unknown);
  EXPECT_TRUE(far->arrivals().empty()) << "the call reached a system it was not meant for";
}

TEST(HttpSystems, CallsInTheAirEndWithTheirClient) {
  int port = 0;
  const RawSocket listening = RawSocket::listen(port);
  auto systems = open_http_systems();
  std::promise<CallResult> answered;
  systems->call(request_to(port), [&](CallResult result) { answered.set_value(std::move(result)); });
  const RawSocket peer = listening.accept();
  peer.read_to(R"({"bandwidth":500})");
  systems.reset();
  auto result = answered.get_future();
  ASSERT_EQ(result.wait_for(std::chrono::seconds(0)), std::future_status::ready) << "answered before the client is gone";
  EXPECT_EQ(result.get().outcome, CallOutcome::unknown);
}

}  // namespace
}  // namespace backstitch::systems
