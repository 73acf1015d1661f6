// Workers as Pods of Kubernetes, one Deployment a lane: docs/decisions/0021-workers-on-kubernetes.md.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "stores/workers/port.h"

namespace backstitch::workers {

struct KubernetesSettings {
  std::string server;               // https://HOST:PORT of the API server
  std::string token_file, ca_file;  // read anew for each call: Kubernetes renews the tokens of service accounts
  std::string token;                // where it lies in no file
  std::string namespace_name = "backstitch";
  std::string instance;       // several platforms may live in one namespace; lower case, digits, dashes
  std::string image;          // of a worker; needed as soon as one shall run
  std::string endpoints_url;  // where workers reach the platform; of several processes: where they ask who there is, or empty
  std::function<std::vector<std::string>()> brokers;  // of several: who hands out tasks now; none where only one ever does
  std::string link_secret;    // a Secret of the namespace: its key "token" lets workers in there; empty: none is asked for
  std::string configuration;  // effective.yaml of the platform, for the commands of auto tasks; no secrets belong into it
  std::string identity;       // who asks for the Lease; a platform whose former life is certainly over need not wait for it
  std::vector<std::pair<std::string, std::string>> env;
  std::int64_t stop_grace_ms = 10'000;  // a worker's time to finish
  std::int64_t leave_ms = 30'000;       // a kubelet's own time beyond that, until a Pod that was asked to go is gone
  std::int64_t lease_ms = 15'000;       // a platform that is silent for so long keeps the workers no more
  std::int64_t timeout_ms = 5'000;      // of a call
};

/// Keeps lanes by itself (Workers::keep), as long as it holds the Lease of its instance; nobody launches here. Fails with
/// Code::config_invalid for settings that cannot be; calls fail with Code::orchestrator_failed, in the API server's own words.
Result<std::unique_ptr<Workers>> open_kubernetes_workers(const KubernetesSettings& settings);

}  // namespace backstitch::workers
