// Three hosts in network namespaces, as scripts/cluster.sh makes them, and this process among their stores. One at a time on a
// machine and build.
#pragma once
#include <atomic>
#include <boost/json.hpp>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/net/http_client.h"

namespace backstitch::servers {

struct Acknowledged {
  std::string id, account;
};

class HostsHouse {
 public:
  static const std::vector<std::string>& hosts();  // h1, h2, h3

  /// Ends what a run before this one has left, makes the cluster, and puts this process into the network of its stores: all
  /// threads that it begins from now on live there. The hosts do not ask for real time: a failure of the test.
  explicit HostsHouse(std::vector<std::string> options = {});
  ~HostsHouse();  // nothing stays
  bool up() const { return up_; }

  /// A verb of the cluster; its `data`. A failure of the test unless its exit status is among these.
  boost::json::value verb(std::vector<std::string> words, std::set<int> good = {0});
  HttpAnswer call(const std::string& host, const std::string& method, const std::string& path, const std::string& body = {});
  boost::json::value get(const std::string& host, const std::string& path);  // null when it is no 200
  void activate_catalog();
  /// By partition, as `host` sees it: whose it is, and since which term.
  std::map<int, std::pair<std::string, std::int64_t>> owners(const std::string& host);
  bool await_shares(const std::string& host, const std::map<std::string, std::size_t>& shares, int deadline_ms);

  /// Orders are submitted at this rate from now on, each to the next host that takes it; what was acknowledged is in a file.
  void begin_orders(int per_second);
  void end_orders();
  std::vector<Acknowledged> acknowledged() const;
  /// The next order is this account's.
  void prefer(const std::string& account);
  std::string state_of(const std::string& host, const std::string& id);

  /// scripts/NAME.sh, told where database and ledgers are; its words when it does not close.
  std::string judge(const std::string& script);
  std::vector<std::string> query(const std::string& sql);
  /// A verb of the product on that host; its `data`. A failure of the test unless it ends with 0.
  boost::json::value backstitch(const std::string& host, std::vector<std::string> words);
  std::string database() const;                                                  // for psql
  boost::json::value outside(const std::string& name, const std::string& path);  // of "system" or "org"
  std::string folder() const { return folder_; }

 private:
  void enter(const std::string& name_space);
  void submit_loop(int per_second);
  std::string order(int number, const std::string& account) const;

  std::string folder_, ledger_;
  bool up_ = false;
  std::unique_ptr<HttpClient> http_;
  std::atomic<bool> ordering_{false};
  mutable std::mutex mutex_;
  std::vector<Acknowledged> acknowledged_;
  std::string preferred_;
  std::thread submitter_;
};

}  // namespace backstitch::servers
