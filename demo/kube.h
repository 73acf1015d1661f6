// Workers on Kubernetes (--stores kube): what a cluster is told before the platform comes, and the stand-in for the kubelet of
// its one node, which starts the real workers.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "demo/stand_in.h"

namespace backstitch::demo {

/// One thread.
class Kube {
 public:
  /// `server`: the API server's address; `folder`: of scripts/servers/kube.sh, which holds its certificates and tokens. Pods, the
  /// link's token and the kubelet's words go into `own`. Code::unreachable, process_failed.
  static Result<Kube> start(const std::string& server, const std::string& folder, const std::string& own);
  /// The group `listen` of backstitch.yaml, and the keys that stand in `workers` beside the lanes.
  std::string listen() const;
  std::string workers_keys(int workers_port) const;
  /// Workers that run.
  std::vector<ProcessId> workers() const;
  void stop();

 private:
  Kube(std::string server, std::string folder, std::string own)
      : server_(std::move(server)), folder_(std::move(folder)), own_(std::move(own)) {}
  Status make_link() const;
  Status start_kubelet();

  std::string server_, folder_, own_;
  std::unique_ptr<StandIn> kubelet_;
};

}  // namespace backstitch::demo
