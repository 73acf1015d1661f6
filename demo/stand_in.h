// A stand-in as a process: started, killed, started again on the same port and the same ledger.
#pragma once
#include <boost/json/fwd.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/net/http_client.h"
#include "base/process.h"

namespace backstitch::demo {

/// The program that lies beside ours.
std::string program_path(const std::string& name);

/// One thread. Ends with us, also when we are killed.
class StandIn {
 public:
  StandIn(std::string name, int port, std::vector<std::string> arguments, std::string log_file,
          std::string address = "127.0.0.1");
  ~StandIn();
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  /// Not while it runs. Returns when it is ready. Code::process_failed with where its words stand, timed_out.
  Status start();
  bool running() const { return child_.id.pid != 0 && alive(child_.id); }
  ProcessId id() const { return child_.id; }
  void kill_hard();
  void stop();
  /// -1 while it runs or was never started; else its exit status.
  int exit_status();
  const std::string& name() const { return name_; }
  std::string url() const;
  /// Code::unreachable, json_invalid.
  Result<boost::json::value> get(const std::string& path) const;
  /// Code::unreachable unless it answers with a 2xx.
  Status post(const std::string& path, const std::string& body) const;

 private:
  void await_end();
  void close_pipe();
  const std::string name_, log_file_, address_;
  const int port_;
  const std::vector<std::string> arguments_;
  Child child_;
  int ended_with_ = -1;
  std::unique_ptr<HttpClient> http_ = std::make_unique<HttpClient>();
};

/// GET that wants a 200 with JSON.
Result<boost::json::value> get_json(HttpClient& http, const std::string& url, std::int64_t timeout_ms = 10'000);

}  // namespace backstitch::demo
