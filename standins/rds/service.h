// A region of Amazon RDS as its API reference describes it, and stricter: unsigned, wrongly signed and outdated calls, unknown
// actions and parameters are refused, a state forbids what a real one may put off. Only PostgreSQL, only single instances.
//
//   POST /            the Query API
//   POST /faults      {"throttle": N} answers the next N calls with Throttling; {"away": N} with 503; not of the real service
#pragma once
#include <boost/json.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/net/http_server.h"
#include "base/time.h"
#include "standins/rds/signature.h"

namespace backstitch::standin {

struct RdsSnapshot {
  std::string label;
  Time at;
};

/// What instances stand on.
class RdsGround {
 public:
  virtual ~RdsGround() = default;
  virtual Result<std::vector<RdsSnapshot>> snapshots() = 0;
  /// Of a running instance: everything committed by then can be restored.
  virtual Result<Time> latest(const std::string& instance) = 0;
  /// A backup of a running instance; blocks until it is made.
  virtual Result<RdsSnapshot> back_up(const std::string& instance) = 0;
  struct Endpoint {
    std::string address;
    int port = 0;
  };
  /// Begins a new instance with what was committed by `until`; await() says when it serves. A thread that lives as long as the
  /// region calls these two: the server dies with it.
  virtual Status restore(const std::string& instance, const std::string& source, Time until) = 0;
  /// Ends its sessions and begins to serve it again.
  virtual Status restart(const std::string& instance) = 0;
  virtual Result<Endpoint> await(const std::string& instance) = 0;  // blocks until it serves
  virtual void remove(const std::string& instance) = 0;
};

struct RdsSettings {
  RdsKeys keys;
  std::string instance;  // the one that is there from the beginning
  RdsGround::Endpoint endpoint;
};

class RdsService {
 public:
  RdsService(RdsSettings settings, RdsModel model, RdsGround& ground);
  ~RdsService();
  HttpResponse handle(const HttpRequest& request);

 private:
  using Object = boost::json::object;
  using Answer = RdsResult<Object>;
  struct Instance {
    Object shown;              // as DBInstance
    std::string wanted_group;  // parameter group that a reboot brings
    Object wanted;             // what a change brings when it begins, a moment after it was asked for
    Time begins_at;            // that change
    Time busy_until;           // a change is under way
    bool starting = false, gone = false;
  };

  HttpResponse faults(const HttpRequest& request);
  HttpResponse call(const HttpRequest& request);
  HttpResponse refuse(const RdsFault& fault);
  Answer act(const std::string& action, const Object& input);
  Answer describe_instances(const Object& input);
  Answer describe_snapshots(const Object& input);
  Answer describe_backups(const Object& input);
  Answer snapshot(const Object& input);
  Answer restore(const Object& input);
  Answer modify(const Object& input);
  Answer reboot(const Object& input);
  Answer remove(const Object& input);
  void await_snapshot(const std::string& id, const std::string& instance);
  Result<std::vector<RdsSnapshot>> automated();
  void await_ground(const std::string& id, const char* then, const char* otherwise);
  Instance* find(const std::string& id);
  void begin_change(Instance& instance);
  void settle(Instance& instance, Time now);
  Object shown(Instance& instance, bool with_latest);
  Object first(const std::string& id, const RdsGround::Endpoint& endpoint) const;

  RdsSettings settings_;
  RdsModel model_;
  RdsGround& ground_;
  std::mutex mutex_;
  std::map<std::string, Instance> instances_;
  std::map<std::string, Object> made_;  // snapshots that somebody asked for
  std::set<std::string> made_labels_;   // of the ground
  std::vector<std::thread> waiting_;
  std::int64_t requests_ = 0, throttle_ = 0, away_ = 0;
};

}  // namespace backstitch::standin
