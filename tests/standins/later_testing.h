// The interface that calls back, and whoever is called.
#pragma once
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <mutex>

#include "harness.h"

namespace backstitch::standin_testing {

/// Whoever is called back: keeps what arrives, and answers what the test says, then 202.
class Receiver {
 public:
  explicit Receiver(std::vector<int> statuses = {}, int port = 0)
      : statuses_(std::move(statuses)), server_(serve(handler(), port)) {}
  std::string url() const { return url_of(*server_) + "/callbacks"; }
  int port() const { return server_->port(); }
  std::vector<std::string> bodies() {
    std::lock_guard lock(mutex_);
    return bodies_;
  }
  bool has(std::size_t count) {
    return wait_until([&] { return bodies().size() >= count; });
  }

 private:
  HttpServer::Handler handler() {
    return [this](const HttpRequest& request) {
      EXPECT_EQ(request.method, "POST");
      EXPECT_EQ(request.header("content-type"), "application/json");
      std::lock_guard lock(mutex_);
      bodies_.push_back(request.body);
      return HttpResponse{.status = bodies_.size() <= statuses_.size() ? statuses_[bodies_.size() - 1] : 202, .body = "{}"};
    };
  }
  std::mutex mutex_;
  std::vector<std::string> bodies_;
  const std::vector<int> statuses_;
  std::unique_ptr<HttpServer> server_;  // ends first
};

/// A port that nobody listens at.
inline int quiet_port() { return Receiver().port(); }
inline std::string url_at(int port) { return "http://127.0.0.1:" + std::to_string(port) + "/callbacks"; }

class LaterTest : public testing::Test {
 protected:
  void start(const std::string& faults = "", std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"--data", scratch_ / "system", "--seed", "7", "--later", faults};
    arguments.insert(arguments.end(), more.begin(), more.end());
    system_ = std::make_unique<StandIn>("standin-system", arguments);
  }
  void start_again(const std::string& faults = "") {
    system_->kill_hard();
    start(faults);
  }
  static std::string key(int n) { return "eff_" + std::to_string(n) + ".1"; }
  static std::string subject(int n) { return "A-1/O" + std::to_string(n) + ":1/provision"; }
  HttpAnswer call(int n, const std::string& url, const std::string& body = R"({"speed":500})") {
    std::vector<std::pair<std::string, std::string>> headers{
        {"Idempotency-Key", key(n)}, {"Backstitch-Subject", subject(n)}, {"Backstitch-Epoch", "1"}};
    if (!url.empty()) headers.emplace_back("Callback-Url", url);
    return system_->send("POST", "/later/v1/provision", body, headers);
  }
  boost::json::value look_up(int n) { return system_->get_json("/later/effects/" + key(n)); }
  std::string state(int n) { return value_to<std::string>(look_up(n).at("state")); }
  void change(const std::string& faults) {
    EXPECT_EQ(system_->send("POST", "/faults", R"({"later":)" + faults + "}").status, 200);
  }
  std::int64_t count(const std::string& name) {
    return system_->get_json("/ledger/summary").at("interfaces").at("later").at(name).to_number<std::int64_t>();
  }
  bool delivered(std::int64_t number) {
    return wait_until([&] { return count("callbacksDelivered") >= number; });
  }
  std::vector<boost::json::object> lines(const std::string& kind) {
    auto lines = read_lines(scratch_ / "system/ledger.jsonl");
    std::erase_if(lines, [&](const boost::json::object& line) { return line.at("kind") != kind.c_str(); });
    return lines;
  }

  Scratch scratch_;
  std::unique_ptr<StandIn> system_;
};

}  // namespace backstitch::standin_testing
