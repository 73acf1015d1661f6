// The worker's side of the wire, against a server that answers as a test says.
#include "services/worker/link.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/net/http_server.h"
#include "base/testing.h"

namespace backstitch {
namespace {

class LinkTest : public ::testing::Test {
 protected:
  void serve() {
    auto started = HttpServer::start({}, [this](const HttpRequest& request) {
      const std::lock_guard lock(mutex);
      asked.push_back(request.path + " " + request.body);
      shown = request.header("authorization");
      return answer;
    });
    ASSERT_TRUE(started.has_value()) << started.error().text();
    server = std::move(*started);
    ASSERT_TRUE(write_file_durably(endpoints, fmt::format("{{\"workers\":\"http://127.0.0.1:{}\"}}", server->port())));
  }
  void answers(int status, const std::string& body) {
    const std::lock_guard lock(mutex);
    answer.status = status, answer.body = body;
  }

  testing::ScratchFolder scratch;
  std::string endpoints = scratch / "endpoints.json";
  std::mutex mutex;
  std::vector<std::string> asked;
  std::string shown;
  HttpResponse answer;
  std::unique_ptr<HttpServer> server;
};

TEST_F(LinkTest, NoPlatformYetIsUnreachable) {
  const auto link = link_over_http(endpoints);
  const auto claimed = link->claim("default", "w1", 1, 0);
  ASSERT_FALSE(claimed.has_value());
  EXPECT_EQ(claimed.error().code, Code::unreachable);
}

TEST_F(LinkTest, TasksMarksAndAnswersCrossTheWire) {
  serve();
  const auto link = link_over_http(endpoints);
  answers(200, R"({"tasks":[{"effectKey":"eff_1.1"},{"effectKey":"eff_2.1"}]})");
  const auto tasks = link->claim("default", "w\"1", 2, 0);
  ASSERT_TRUE(tasks.has_value()) << tasks.error().text();
  EXPECT_EQ(*tasks, (std::vector<std::string>{R"({"effectKey":"eff_1.1"})", R"({"effectKey":"eff_2.1"})"}));
  answers(200, R"({"marks":[{"key":"eff_1.1","verdict":"settle","markedUs":77},)"
               R"({"key":"eff_2.1","verdict":"of a later version","markedUs":0}]})");
  const auto marks = link->mark("w1", {"eff_1.1", "eff_2.1"}, true);
  ASSERT_TRUE(marks.has_value()) << marks.error().text();
  EXPECT_EQ((*marks)[0].verdict, MarkVerdict::settle);
  EXPECT_EQ((*marks)[0].marked_at.us, 77);
  EXPECT_EQ((*marks)[1].verdict, MarkVerdict::dropped);  // what it does not understand it does not send
  answers(200, "{}");
  EXPECT_TRUE(link->answer("w1", {{"eff_1.1", "done", "noc/200", "{\"a\":1}"}, {"eff_2.1", "unknown", "", ""}}));
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[0], R"(/tasks:claim {"worker":"w\"1","lane":"default","max":2,"waitMs":0})");
  EXPECT_EQ(asked[1], R"(/tasks:mark {"worker":"w1","resend":true,"keys":["eff_1.1","eff_2.1"]})");
  EXPECT_EQ(asked[2],
            R"(/tasks:answer {"worker":"w1","answers":[{"key":"eff_1.1","outcome":"done","code":"noc/200","response":{"a":1}},)"
            R"({"key":"eff_2.1","outcome":"unknown","code":"","response":null}]})");
}

TEST_F(LinkTest, ATokenIsShownWithEachRequest) {
  serve();
  answers(200, R"({"tasks":[]})");
  ASSERT_TRUE(link_over_http(endpoints)->claim("default", "w1", 1, 0));
  EXPECT_EQ(shown, "");
  const auto link = link_over_http(endpoints, "opensesame");
  ASSERT_TRUE(link->claim("default", "w1", 1, 0));
  EXPECT_EQ(shown, "Bearer opensesame");
  answers(401, "{}");
  EXPECT_EQ(link->claim("default", "w1", 1, 0).error().code, Code::unreachable) << "it may be another one tomorrow";
}

TEST_F(LinkTest, RefusedAnswerIsFinalAndAnyOtherIsNot) {
  serve();
  const auto link = link_over_http(endpoints);
  const std::vector<TaskAnswer> answered{{"eff_1.1", "done", "", ""}};
  answers(409, "{\"code\":\"BS-4403\"}");
  EXPECT_EQ(link->answer("w1", answered).error().code, Code::task_not_held);
  for (const int status : {500, 503, 404}) {
    answers(status, "{}");
    EXPECT_EQ(link->answer("w1", answered).error().code, Code::unreachable) << status;
  }
  answers(200, "no JSON");
  EXPECT_EQ(link->answer("w1", answered).error().code, Code::unreachable);
}

TEST_F(LinkTest, PlatformOnAnotherPortIsFoundAgain) {
  serve();
  const auto link = link_over_http(endpoints);
  answers(200, R"({"tasks":[]})");
  ASSERT_TRUE(link->claim("default", "w1", 1, 0).has_value());
  server.reset();
  EXPECT_FALSE(link->claim("default", "w1", 1, 0).has_value());
  serve();
  EXPECT_TRUE(testing::wait_until([&] { return link->claim("default", "w1", 1, 0).has_value(); }));
}

/// Several that each hand out their own tasks.
class LinkToSeveral : public ::testing::Test {
 protected:
  struct Broker {
    std::mutex mutex;
    std::vector<std::string> asked;
    std::string shown;
    std::string tasks = "[]", brokers = "[]";
    std::unique_ptr<HttpServer> server;
    std::string address() const { return fmt::format("\"http://127.0.0.1:{}\"", server->port()); }
    std::size_t count(const std::string& route) {
      const std::lock_guard lock(mutex);
      return static_cast<std::size_t>(
          std::count_if(asked.begin(), asked.end(), [&](const auto& one) { return one.starts_with(route); }));
    }
  };
  LinkToSeveral() {
    serve(a), serve(b);
    EXPECT_TRUE(write_file_durably(endpoints, fmt::format(R"({{"workers":"","brokers":[{},{}]}})", a.address(), b.address())));
  }
  static void serve(Broker& of, int port = 0) {
    Broker* broker = &of;
    HttpServer::Settings settings;
    settings.port = port;
    auto started = HttpServer::start(settings, [broker](const HttpRequest& request) {
      const std::lock_guard lock(broker->mutex);
      broker->asked.push_back(request.path + " " + request.body);
      HttpResponse response;
      const std::string there = ",\"brokers\":" + broker->brokers + "}";
      response.body = request.path == "/tasks:claim"     ? "{\"tasks\":" + std::exchange(broker->tasks, "[]") + there
                      : request.path == "/tasks:brokers" ? "{\"brokers\":" + broker->brokers + "}"
                      : request.path == "/tasks:mark"    ? R"({"marks":[{"key":"eff_1.1","verdict":"go","markedUs":1}]})"
                                                         : "{}";
      return response;
    });
    EXPECT_TRUE(started.has_value());
    of.server = std::move(*started);
  }
  /// From now on it says that these are there.
  static void names(Broker& of, const std::vector<Broker*>& there) {
    std::string text;
    for (const Broker* one : there) text += (text.empty() ? "" : ",") + one->address();
    const std::lock_guard lock(of.mutex);
    of.brokers = "[" + text + "]";
  }
  /// The file names a seed, too, and `a` has handed out eff_1.1.
  std::unique_ptr<WorkerLink> link_with(Broker& seed) {
    serve(seed);
    EXPECT_TRUE(write_file_durably(endpoints,
                                   fmt::format(R"({{"seed":{},"brokers":[{},{}]}})", seed.address(), a.address(), b.address())));
    auto link = link_over_http(endpoints);
    a.tasks = R"([{"effectKey":"eff_1.1"}])";
    EXPECT_EQ(link->claim("default", "w1", 1, 10'000)->size(), 1u);
    return link;
  }
  testing::ScratchFolder scratch;
  std::string endpoints = scratch / "endpoints.json";
  Broker a, b;
};

TEST_F(LinkToSeveral, EachIsAskedAndAnswersGoWhereTheTaskCameFrom) {
  const auto link = link_over_http(endpoints);
  for (Broker* broker : {&a, &b}) {
    {
      const std::lock_guard lock(broker->mutex);
      broker->tasks = R"([{"effectKey":"eff_1.1"}])";
    }
    const auto claimed = link->claim("default", "w1", 1, 10'000);
    ASSERT_TRUE(claimed && claimed->size() == 1u);
    const std::size_t marks = broker->count("/tasks:mark"), answers = broker->count("/tasks:answer");
    ASSERT_TRUE(link->mark("w1", {"eff_1.1"}, false));
    ASSERT_TRUE(link->answer("w1", {{"eff_1.1", "done", "", ""}}));
    EXPECT_EQ(broker->count("/tasks:mark"), marks + 1);
    EXPECT_EQ(broker->count("/tasks:answer"), answers + 1);
  }
}

// He may have set the mark before he fell silent: a second one, from somebody else, would let the worker call twice.
TEST_F(LinkToSeveral, AMarkIsAskedOfNobodyElse) {
  const auto link = link_over_http(endpoints);
  a.tasks = R"([{"effectKey":"eff_1.1"}])";
  ASSERT_EQ(link->claim("default", "w1", 1, 10'000)->size(), 1u);
  a.server.reset();
  const auto unanswered = link->mark("w1", {"eff_1.1"}, false);
  ASSERT_FALSE(unanswered);
  EXPECT_EQ(unanswered.error().code, Code::unreachable);
  // Once he is none of them any more, nobody knows the task; the one that is left is not asked either.
  ASSERT_TRUE(write_file_durably(endpoints, fmt::format(R"({{"workers":"","brokers":[{}]}})", b.address())));
  Result<std::vector<MarkReply>> marks;
  ASSERT_TRUE(testing::wait_until([&] { return (marks = link->mark("w1", {"eff_1.1"}, false)).has_value(); }));
  EXPECT_EQ(marks->at(0).verdict, MarkVerdict::dropped);
  EXPECT_EQ(b.count("/tasks:mark"), 0u);
}

// Nobody writes the file of a process that was killed: the worker would ask it for ever, and its mark keep all others waiting.
TEST_F(LinkToSeveral, ThatOneIsDeadIsToldByTheOthers) {
  const auto link = link_over_http(endpoints);
  a.tasks = R"([{"effectKey":"eff_1.1"}])";
  ASSERT_EQ(link->claim("default", "w1", 1, 10'000)->size(), 1u);
  const int a_port = a.server->port();
  a.server.reset();
  ASSERT_FALSE(link->mark("w1", {"eff_1.1"}, false)) << "the others may not know it yet";
  names(b, {&b});
  Result<std::vector<MarkReply>> marks;
  ASSERT_TRUE(testing::wait_until([&] { return (marks = link->mark("w1", {"eff_1.1"}, false)).has_value(); }));
  EXPECT_EQ(marks->at(0).verdict, MarkVerdict::dropped);
  EXPECT_EQ(b.count("/tasks:mark"), 0u);
  EXPECT_TRUE(link->claim("default", "w1", 1, 0));
  // The other one was behind; it says so with its next answer.
  const std::size_t before = a.count("/tasks:claim");
  serve(a, a_port);
  names(b, {&a, &b});
  EXPECT_TRUE(testing::wait_until([&] { return link->claim("default", "w1", 1, 0) && a.count("/tasks:claim") > before; }));
}

// The file of a Pod comes up to a minute late.
TEST_F(LinkToSeveral, WhoComesIsToldWithEachClaim) {
  Broker c;
  serve(c);
  const auto link = link_over_http(endpoints);
  ASSERT_TRUE(link->claim("default", "w1", 1, 0));
  EXPECT_EQ(c.count("/tasks:claim"), 0u);
  names(a, {&a, &b, &c});
  EXPECT_TRUE(testing::wait_until([&] { return link->claim("default", "w1", 1, 0) && c.count("/tasks:claim") > 0; }));
  names(b, {&a, &b}), names(c, {&a, &b});  // not all have heard of it yet, and it may hold a mark
  c.tasks = R"([{"effectKey":"eff_1.1"}])";
  ASSERT_TRUE(testing::wait_until([&] { return link->claim("default", "w1", 1, 0)->size() == 1u; }));
  EXPECT_EQ(link->mark("w1", {"eff_1.1"}, false)->at(0).verdict, MarkVerdict::go);
  names(a, {&a, &b});
  EXPECT_TRUE(testing::wait_until([&] {
    const std::size_t before = c.count("/tasks:claim");
    return link->claim("default", "w1", 1, 0) && c.count("/tasks:claim") == before;
  })) << "nobody names it any more";
}

TEST_F(LinkToSeveral, WhoKnowsNobodyThatLivesAsksTheSeed) {
  Broker c, seed;
  serve(c);
  const auto link = link_with(seed);
  ASSERT_TRUE(link->mark("w1", {"eff_1.1"}, false));
  a.server.reset(), b.server.reset();
  names(seed, {&c});
  EXPECT_TRUE(testing::wait_until([&] { return link->answer("w1", {{"eff_1.1", "done", "", ""}}).has_value(); }));
  EXPECT_EQ(c.count("/tasks:answer"), 1u) << "also by one that has its hands full and claims nothing";
  EXPECT_TRUE(testing::wait_until([&] { return link->claim("default", "w1", 1, 0) && c.count("/tasks:claim") > 0; }));
  EXPECT_EQ(seed.count("/tasks:claim"), 0u) << "another one may answer there the next time";
}

TEST_F(LinkToSeveral, AnAnswerWhoseBrokerIsLongGoneFindsItsWayToo) {
  Broker c, seed;
  serve(c);
  const auto link = link_with(seed);
  a.server.reset();
  names(b, {&b});
  ASSERT_TRUE(testing::wait_until([&] {
    const auto marks = link->mark("w1", {"eff_1.1"}, false);
    return marks && marks->front().verdict == MarkVerdict::dropped;
  })) << "nobody names it any more";
  b.server.reset();
  names(seed, {&c});
  EXPECT_TRUE(testing::wait_until([&] { return link->answer("w1", {{"eff_1.1", "done", "", ""}}).has_value(); }));
}

TEST_F(LinkToSeveral, WhoeverWasOutOfReachIsStillKnown) {
  Broker c;
  serve(c);
  const auto link = link_over_http(endpoints);
  names(a, {&c}), names(b, {&c}), names(c, {&c});
  ASSERT_TRUE(testing::wait_until([&] { return link->claim("default", "w1", 1, 0) && c.count("/tasks:claim") > 0; }));
  const int port = c.server->port();
  a.server.reset(), b.server.reset(), c.server.reset();
  EXPECT_FALSE(link->claim("default", "w1", 1, 0));
  EXPECT_FALSE(testing::wait_until([&] { return link->claim("default", "w1", 1, 0).has_value(); }, 1'500));
  serve(c, port);
  EXPECT_TRUE(testing::wait_until([&] { return link->claim("default", "w1", 1, 0).has_value(); })) << "no file names it";
}

TEST_F(LinkToSeveral, WhatADeadOneHandedOutIsAnsweredToAnother) {
  const auto link = link_over_http(endpoints);
  a.tasks = R"([{"effectKey":"eff_1.1"}])";
  ASSERT_EQ(link->claim("default", "w1", 1, 10'000)->size(), 1u);
  ASSERT_TRUE(link->mark("w1", {"eff_1.1"}, false));
  a.server.reset();
  EXPECT_TRUE(link->answer("w1", {{"eff_1.1", "done", "", ""}}));
  EXPECT_EQ(b.count("/tasks:answer"), 1u);
  EXPECT_TRUE(link->claim("default", "w1", 1, 0));  // one that answers is enough
}

}  // namespace
}  // namespace backstitch
