// What we write into Kubernetes, and what of its objects we read.
#pragma once
#include <boost/json/value.hpp>
#include <string>

#include "stores/workers/kubernetes/kubernetes_workers.h"

namespace backstitch::workers {

constexpr const char* instance_label = "backstitch/instance";
constexpr const char* lane_label = "backstitch/lane";
/// The document that was applied last, as an annotation: by it anybody who lives later can apply it again with other replicas.
constexpr const char* applied_note = "backstitch/applied";

/// Of a Deployment or a Pod.
struct Seen {
  std::string name, uid, lane, created, resource_version, applied;
  std::int64_t generation = 0, replicas = 0, restarts = 0;
  bool leaving = false;   // asked to go, and still there
  bool finished = false;  // none of its containers runs, or will
};
Seen seen_from(const boost::json::value& object);

/// A name of Kubernetes: lower case, digits, dashes; at most so long.
bool is_label(const std::string& text, std::size_t most = 63);

std::string deployment_name(const KubernetesSettings& settings, const std::string& lane);
std::string config_name(const KubernetesSettings& settings);
/// Of all that is ours, as a query: labelSelector=…
std::string selector_of(const KubernetesSettings& settings);

std::string deployment_document(const KubernetesSettings& settings, const Lane& lane);
/// The same with other replicas, from what was applied; empty when that cannot be read.
std::string with_replicas(const std::string& applied, std::int64_t replicas);
std::string config_document(const KubernetesSettings& settings);

/// POD-UID: a Pod is one life of a worker, so its uid proves whether it is alive.
std::string worker_name(const Seen& pod);
/// False when the name is not of that form.
bool parse_worker_name(const std::string& name, std::string& pod, std::string& uid);

}  // namespace backstitch::workers
