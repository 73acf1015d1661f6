// What an external system's answer, or the lack of one, is taken for. The peer is a real server on a socket.
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <mutex>

#include "base/net/http_server.h"
#include "base/net/raw_socket_testing.h"
#include "base/testing.h"
#include "stores/systems/port.h"

namespace backstitch::systems {
namespace {

using backstitch::testing::RawSocket;

/// Answers as it was told and remembers what it was asked.
class Peer {
 public:
  Peer() {
    auto server = HttpServer::start({}, [this](const HttpRequest& request) { return answer(request); });
    EXPECT_TRUE(server) << server.error().text();
    server_ = std::move(*server);
  }
  ~Peer() { release(); }

  void answers(int status, const std::string& body = "") { set({status, body, "application/json", {}, false}); }
  void drops() { set({200, "", "application/json", {}, true}); }
  /// Answers only after release().
  void hangs() {
    const std::lock_guard lock(mutex_);
    hang_ = release_.get_future().share();
  }
  void release() {
    if (!std::exchange(released_, true)) release_.set_value();
  }
  std::vector<HttpRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::string base() const { return fmt::format("http://127.0.0.1:{}/keyed", server_->port()); }

 private:
  HttpResponse answer(const HttpRequest& request) {
    std::unique_lock lock(mutex_);
    requests_.push_back(request);
    const auto hang = hang_;
    const HttpResponse response = response_;
    lock.unlock();
    if (hang.valid()) hang.wait();
    return response;
  }
  void set(HttpResponse response) {
    const std::lock_guard lock(mutex_);
    response_ = std::move(response);
  }

  mutable std::mutex mutex_;
  HttpResponse response_;
  std::vector<HttpRequest> requests_;
  std::promise<void> release_;
  bool released_ = false;
  std::shared_future<void> hang_;
  std::unique_ptr<HttpServer> server_;  // last: its handlers use what stands above
};

CallRequest request_to(const std::string& base) {
  CallRequest request;
  request.target.base = base;
  request.target.method = "POST";
  request.target.path = "/v1/provision";
  request.key = "eff_01ABC.1";
  request.subject = "A-1/1/provision";
  request.body = R"({"bandwidth":500})";
  request.epoch = 3;
  request.timeout_ms = 10'000;
  return request;
}

class HttpSystemsTest : public ::testing::Test {
 protected:
  CallResult call(const CallRequest& request) {
    auto answered = std::make_shared<std::promise<CallResult>>();
    auto result = answered->get_future();
    systems_->call(request, [answered](CallResult given) { answered->set_value(std::move(given)); });
    if (result.wait_for(std::chrono::seconds(20)) == std::future_status::ready) return result.get();
    ADD_FAILURE() << "no answer at all";
    return {};
  }
  CallResult call() { return call(request_to(peer_.base())); }
  LookupResult look_up() {
    Target target;
    target.base = peer_.base();
    target.lookup = true;
    return systems_->look_up(target, "eff_01ABC.1");
  }
  void expect(CallOutcome outcome, const std::string& code, const CallResult& found) {
    EXPECT_STREQ(to_text(found.outcome), to_text(outcome)) << code;
    EXPECT_EQ(found.code, code);
  }

  Peer peer_;
  std::unique_ptr<Systems> systems_ = open_http_systems();
};

/// A port of 127.0.0.1 where nobody listens.
int closed_port() {
  int port = 0;
  RawSocket::listen(port).close();
  return port;
}

TEST_F(HttpSystemsTest, ACallCarriesItsKeySubjectAndEpoch) {
  peer_.answers(200, R"({"circuitId":"C-1"})");
  const CallResult result = call();
  expect(CallOutcome::done, "keyed/200", result);
  EXPECT_EQ(result.response, R"({"circuitId":"C-1"})");
  const auto requests = peer_.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].method, "POST");
  EXPECT_EQ(requests[0].path, "/keyed/v1/provision");
  EXPECT_EQ(requests[0].body, R"({"bandwidth":500})");
  EXPECT_EQ(requests[0].header("idempotency-key"), "eff_01ABC.1");
  EXPECT_EQ(requests[0].header("backstitch-subject"), "A-1/1/provision");
  EXPECT_EQ(requests[0].header("backstitch-epoch"), "3");
  EXPECT_EQ(requests[0].header("content-type"), "application/json");
}

TEST_F(HttpSystemsTest, EveryStatusHasItsMeaning) {
  const std::map<int, CallOutcome> meanings = {
      {200, CallOutcome::done},      {201, CallOutcome::done},      {202, CallOutcome::done},      {299, CallOutcome::done},
      {400, CallOutcome::refused},   {404, CallOutcome::refused},   {409, CallOutcome::refused},   {422, CallOutcome::refused},
      {429, CallOutcome::not_taken}, {503, CallOutcome::not_taken}, {302, CallOutcome::unknown},   {408, CallOutcome::unknown},
      {500, CallOutcome::unknown},   {502, CallOutcome::unknown},   {504, CallOutcome::unknown},
  };
  for (const auto& [status, outcome] : meanings) {
    peer_.answers(status, "{}");
    expect(outcome, fmt::format("keyed/{}", status), call());
  }
  EXPECT_EQ(peer_.requests().size(), meanings.size()) << "a call was repeated";
}

TEST_F(HttpSystemsTest, OnlyJsonIsHandedOn) {
  peer_.answers(422, R"({"why":"no such port"})");
  EXPECT_EQ(call().response, R"({"why":"no such port"})");
  peer_.answers(200, "<html>not JSON</html>");
  const CallResult result = call();
  expect(CallOutcome::done, "keyed/200", result);
  EXPECT_EQ(result.response, "");
}

TEST_F(HttpSystemsTest, ARefusedConnectionIsProvablyNotTaken) {
  expect(CallOutcome::not_taken, "keyed/unreachable", call(request_to(fmt::format("http://127.0.0.1:{}/keyed", closed_port()))));
}

TEST_F(HttpSystemsTest, NoAnswerInTimeIsUnknown) {
  peer_.hangs();
  CallRequest request = request_to(peer_.base());
  request.timeout_ms = 150;
  expect(CallOutcome::unknown, "keyed/no-answer", call(request));
  EXPECT_TRUE(backstitch::testing::wait_until([&] { return peer_.requests().size() == 1; })) << "it was taken";
}

TEST_F(HttpSystemsTest, ADroppedConnectionIsUnknownAndNotTriedAgain) {
  peer_.answers(200, "{}");
  expect(CallOutcome::done, "keyed/200", call());  // the connection is kept: the next call goes out on it
  peer_.drops();
  expect(CallOutcome::unknown, "keyed/no-answer", call());
  EXPECT_EQ(peer_.requests().size(), 2u) << "a second arrival would be a second effect";
}

TEST_F(HttpSystemsTest, AnAnswerCutShortIsUnknown) {
  int port = 0;
  const RawSocket listening = RawSocket::listen(port);
  std::promise<CallResult> answered;
  systems_->call(request_to(fmt::format("http://127.0.0.1:{}/keyed", port)),
                 [&](CallResult result) { answered.set_value(std::move(result)); });
  RawSocket peer = listening.accept();
  ASSERT_TRUE(peer.ok());
  peer.read_to(R"({"bandwidth":500})");
  ASSERT_TRUE(peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"circuit"));
  peer.close();
  expect(CallOutcome::unknown, "keyed/no-answer", answered.get_future().get());
}

TEST_F(HttpSystemsTest, CallsOverlap) {
  peer_.hangs();
  std::promise<void> first, second;
  for (auto* answered : {&first, &second})
    systems_->call(request_to(peer_.base()), [answered](CallResult) { answered->set_value(); });
  EXPECT_TRUE(backstitch::testing::wait_until([&] { return peer_.requests().size() == 2; })) << "one waits for the other";
  peer_.release();
  EXPECT_EQ(first.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_EQ(second.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(HttpSystemsTest, ALookUpAsksByKey) {
  peer_.answers(200, R"({"state":"done","digest":"d","response":{"circuitId":"C-1"},"at":"2026-11-23T05:21:00Z"})");
  const LookupResult result = look_up();
  EXPECT_EQ(result.state, LookupState::done);
  EXPECT_EQ(result.response, R"({"circuitId":"C-1"})");
  ASSERT_EQ(peer_.requests().size(), 1u);
  EXPECT_EQ(peer_.requests()[0].method, "GET");
  EXPECT_EQ(peer_.requests()[0].path, "/keyed/effects/eff_01ABC.1");
}

TEST_F(HttpSystemsTest, EveryLookUpHasItsMeaning) {
  const std::vector<std::tuple<int, std::string, LookupState>> meanings = {
      {200, R"({"state":"done"})", LookupState::done},
      {200, R"({"state":"failed","response":{"why":"x"}})", LookupState::failed},
      {200, R"({"state":"running"})", LookupState::running},
      {404, "{}", LookupState::absent},
      {410, "{}", LookupState::expired},
      {200, "{}", LookupState::unknown},
      {200, R"({"state":7})", LookupState::unknown},
      {200, "[]", LookupState::unknown},
      {200, "not JSON", LookupState::unknown},
      {204, "", LookupState::unknown},
      {500, R"({"state":"done"})", LookupState::unknown},
      {503, "{}", LookupState::unknown},
  };
  for (const auto& [status, body, state] : meanings) {
    peer_.answers(status, body);
    EXPECT_EQ(look_up().state, state) << status << " " << body;
  }
}

TEST_F(HttpSystemsTest, NoAnswerToALookUpIsUnknownAndNotAbsent) {
  peer_.drops();
  EXPECT_EQ(look_up().state, LookupState::unknown);
  Target nobody;
  nobody.base = fmt::format("http://127.0.0.1:{}/keyed", closed_port());
  EXPECT_EQ(systems_->look_up(nobody, "eff_01ABC.1").state, LookupState::unknown);
}

}  // namespace
}  // namespace backstitch::systems
