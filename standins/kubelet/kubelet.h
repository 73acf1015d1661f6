// A stand-in for the kubelet of one node: takes every Pod there is, runs its command as a process of this machine, says so in the
// Pod's status, and ends it as a kubelet does: TERM, KILL after the Pod's time, and only then is the Pod gone. A container that
// dies by itself is started again in the same Pod. Its environment and its volumes are as the Pod says; a volume that cannot be
// had is waited for. It plays no images: the program is given.
#pragma once
#include <boost/json.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/process.h"
#include "standins/kubelet/control_plane.h"

namespace backstitch::standin {

struct KubeletSettings {
  ControlPlaneSettings control_plane;  // of an administrator
  std::string program;                 // stands for the "backstitch" of a Pod's command
  std::string folder;                  // a folder for each Pod, named by its uid: its volumes, log, and pid while it runs
};

class Kubelet {
 public:
  explicit Kubelet(KubeletSettings settings);
  ~Kubelet();  // ends all
  /// With -9; who is still to be begun is waited for. False: nobody of that name runs within half a minute.
  bool kill(const std::string& worker);
  /// Nothing is heard of the node any more: nobody starts or ends there, and who runs goes on. Until it is back.
  void lose_node(bool lost);
  /// What the worker said so far.
  std::string said(const std::string& worker) const;

 private:
  struct Pod {
    std::string name, worker, folder, image;
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
  bool start(Pod& pod, const boost::json::value& object);
  void finish(Pod& pod, const boost::json::value& object);
  void tell(const Pod& pod);

  const KubeletSettings settings_;
  ControlPlane api_;  // own thread only
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Pod> pods_;             // by uid
  std::map<std::string, std::string> folders_;  // by worker, also of those that are gone
  bool stop_ = false, lost_ = false;
  std::thread thread_;
};

}  // namespace backstitch::standin
