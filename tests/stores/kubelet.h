// A stand-in for the kubelet of one node: takes every Pod there is, runs its command as a process of this machine, says so in the
// Pod's status, and ends it as a kubelet does: TERM, KILL after the Pod's time, and only then is the Pod gone. A container that
// dies by itself is started again in the same Pod. Its environment and its volumes are as the Pod says; a volume that cannot be
// had is waited for. It plays no images: the program is given.
#pragma once
#include <boost/json.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "base/process.h"
#include "base/testing.h"
#include "stores/workers/kubernetes/api_server.h"

namespace backstitch::servers {

class Kubelet {
 public:
  /// `settings` of an administrator; `program` stands for the "backstitch" of a Pod's command.
  Kubelet(workers::KubernetesSettings settings, std::string program, std::string folder);
  ~Kubelet();  // ends all
  void kill(const std::string& worker);
  /// Nothing is heard of the node any more: nobody starts or ends there, and who runs goes on. Until it is back.
  void lose_node(bool lost);
  /// What the worker said so far.
  std::string said(const std::string& worker) const;

 private:
  struct Pod {
    std::string name, worker, folder;
    Child child;
    int restarts = 0;
    bool runs = false, asked = false;
    std::int64_t kill_at_ms = 0;
  };
  void run();
  void look();
  void begin(const boost::json::value& object);
  bool make_volumes(const Pod& pod, const boost::json::value& object);
  std::optional<std::map<std::string, std::string>> content_of(const boost::json::value& volume);
  void start(Pod& pod, const boost::json::value& object);
  void finish(Pod& pod, const boost::json::value& object);
  void tell(const Pod& pod);
  std::string path(const std::string& resource, const std::string& name = {}) const {
    return api_.path_of("/api/v1", resource, name);
  }

  const workers::KubernetesSettings settings_;
  mutable workers::ApiServer api_;
  const std::string program_, folder_;
  mutable std::recursive_mutex mutex_;
  std::map<std::string, Pod> pods_;             // by uid
  std::map<std::string, std::string> folders_;  // by worker, also of those that are gone
  bool stop_ = false, lost_ = false;
  std::thread thread_;
};

}  // namespace backstitch::servers
