// Several platforms as processes that are one instance: on a real PostgreSQL and a real Kafka, beside a system whose ledger
// judges.
#pragma once
#include <boost/json.hpp>
#include <list>
#include <map>
#include <set>

#include "base/net/http_client.h"
#include "harness.h"
#include "postgres_house.h"
#include "processes.h"

namespace backstitch::servers {

class ClusterHouse {
 public:
  struct Node {
    std::string name, data, api;
    Child child;
    bool running = false;
    int port = 0;
  };

  /// `workers`: that key of the configuration.
  explicit ClusterHouse(const std::string& workers = "{lanes: {default: {count: 2, concurrency: 8}}}");
  ~ClusterHouse();

  /// Waits until it is ready; the first one stores and activates the catalog. `roles` as on the command line; empty: all.
  Node& start(const std::string& name, const std::string& roles = {},
              const std::vector<std::pair<std::string, std::string>>& env = {});
  void kill_hard(Node& node);
  void stop(Node& node);

  HttpAnswer call(const Node& node, const std::string& method, const std::string& path, const std::string& body = {});
  boost::json::value get(const Node& node, const std::string& path);
  /// Of the members that are alive as `node` sees it: name of the node → its partitions and their terms.
  std::map<std::string, std::map<int, std::int64_t>> partitions(const Node& node);
  std::string holder(const Node& node, const std::string& lease);
  bool await_shares(const Node& node, const std::map<std::string, std::size_t>& shares, int deadline_ms = 20'000);

  /// Orders T<from> … T<from + count - 1>, one a call, each of another account than its neighbours; true when all were received.
  bool submit(const Node& node, int from, int count, const std::string& product = "PARCEL");
  bool await_activated(const Node& node, int from, int count, int deadline_ms = 60'000);
  std::int64_t executed_twice(const std::string& interface = "lookup");

  standin_testing::StandIn& system() { return *system_; }
  std::string folder_of(const std::string& name) const { return postgres.folder / name; }
  PostgresHouse postgres;

 private:
  void activate_catalog(const Node& node);
  std::string node_of(const boost::json::object& member);

  Server kafka_;
  std::unique_ptr<standin_testing::StandIn> system_;
  std::list<Node> nodes_;
  bool active_ = false;
  HttpClient http_;
};

}  // namespace backstitch::servers
