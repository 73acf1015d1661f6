// A small world: the platform as a process on a data folder of its own, and an external system beside it whose ledger judges.
#pragma once
#include <boost/json/fwd.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/net/http_client.h"
#include "base/process.h"
#include "base/testing.h"
#include "harness.h"

namespace backstitch::e2e {

using Replaced = std::vector<std::pair<std::string, std::string>>;  // words, and what stands in their place
using Environment = std::vector<std::pair<std::string, std::string>>;

struct WorldSettings {
  std::string catalog = "chaos";              // a folder of catalogs/; empty: none is activated
  std::string listen = "workers_port: 0";     // what `listen` says beside the ports of API and metrics
  std::string config;                         // lines of backstitch.yaml beside those every world has
  std::vector<std::string> system_arguments;  // of the external system
  Replaced in_catalog;                        // what the catalog declares otherwise in this world
  std::function<std::string()> database;      // for psql, where somebody else runs it
};

/// One thread, except where said. Everything it started is gone with it.
class World {
 public:
  explicit World(WorldSettings settings = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Starts the platform and waits until its shards fold; the first time also stores and activates the catalog. False when it
  /// ended before (a probe may be in the way of a start) or is not ready in time: a failure of the test with `expect_ready`.
  bool start(const Environment& environment = {}, bool expect_ready = true);
  void kill_platform();                             // kill -9, and seen to be gone
  void stop_platform();                             // SIGTERM, in order
  bool platform_runs();                             // reaps it when it has ended
  int exit_status() const { return exit_status_; }  // of the last one that ended: 137 after kill -9
  ProcessId platform() const { return child_.id; }

  std::string data() const { return folder_ / "data"; }
  std::string path(const std::string& name) const { return folder_ / name; }
  standin_testing::StandIn& system() { return *system_; }

  // HTTP to the platform; thread-safe. An answer with status 0 when there is none.
  HttpAnswer call(const std::string& method, const std::string& path, const std::string& body = {});
  boost::json::value get(const std::string& path);  // null when it is no 200
  /// State of the order of that id at its source, "" when it is not there.
  std::string order_state(const std::string& source_order_id);
  bool await_state(const std::string& source_order_id, const std::string& state, int deadline_ms = 30'000);
  std::uint64_t records_in(const std::string& queue);  // ever appended, over all partitions

  /// Rows of a query in the platform's database, fields apart by '|', as psql prints them.
  std::vector<std::string> query(const std::string& sql);
  std::string database() const { return database_; }  // for psql

 private:
  bool await_ready(int deadline_ms);
  bool read_endpoints();
  void activate_catalog();

  testing::ScratchFolder folder_;
  WorldSettings settings_;
  std::unique_ptr<standin_testing::StandIn> system_;
  HttpClient http_;
  Child child_;
  bool running_ = false, catalog_active_ = false;
  int exit_status_ = 0;
  std::mutex mutex_;
  std::string url_, database_;
};

/// An order of one line on account A-<number mod 40>; its subjects are its own, whatever else is ordered.
std::string order_text(const std::string& id, int number, const std::string& product);

/// What the external system has counted of one interface: {"calls","executions","subjectsExecutedTwice",…}.
boost::json::object counted(World& world, const std::string& interface);
std::int64_t count_of(World& world, const std::string& interface, const char* what);

}  // namespace backstitch::e2e
