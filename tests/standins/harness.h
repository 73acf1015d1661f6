// Stand-ins as programs: started in a scratch folder, killed with -9, asked over HTTP.
#pragma once
#include <boost/json/fwd.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/net/http_client.h"
#include "base/net/http_server.h"
#include "base/process.h"

namespace backstitch::standin_testing {

/// A folder under the system's temporary folder, removed at the end.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// A running stand-in; killed with -9 when it goes out of scope.
class StandIn {
 public:
  /// Waits for the ready line; fails the test when there is none. `arguments` hold --data.
  StandIn(const std::string& name, std::vector<std::string> arguments);
  ~StandIn();
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  int port() const { return port_; }
  ProcessId id() const { return child_.id; }
  void kill_hard();
  /// Waits for its own end, at most 20 s; -1 when it does not come.
  int wait_for_exit();
  HttpAnswer get(const std::string& path) const;
  HttpAnswer send(const std::string& method, const std::string& path, const std::string& body,
                  std::vector<std::pair<std::string, std::string>> headers = {}) const;
  boost::json::value get_json(const std::string& path) const;

 private:
  Child child_;
  int port_ = 0;
  bool reaped_ = false;
  std::unique_ptr<HttpClient> http_ = std::make_unique<HttpClient>();
};

/// Asks every few milliseconds until it is true, for at most 20 s.
bool wait_until(const std::function<bool()>& condition);

/// A platform that answers what the test says.
std::unique_ptr<HttpServer> serve(HttpServer::Handler handler, int port = 0);
std::string url_of(const HttpServer& server);

std::string read_all(const std::string& path);
void write_all(const std::string& path, const std::string& content);
std::vector<boost::json::object> read_lines(const std::string& path);
boost::json::value parse(const std::string& text);
/// An order document on one line.
std::string order_line(const std::string& id, int version = 1);

}  // namespace backstitch::standin_testing
