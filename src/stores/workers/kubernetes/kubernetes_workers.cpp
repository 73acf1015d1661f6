#include "stores/workers/kubernetes/kubernetes_workers.h"

#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "base/backoff.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "stores/workers/kubernetes/api_server.h"
#include "stores/workers/kubernetes/lease.h"
#include "stores/workers/kubernetes/objects.h"
#include "stores/workers/kubernetes/slots.h"
#include "stores/workers/kubernetes/watch.h"

namespace backstitch::workers {
namespace json = boost::json;
namespace {

constexpr const char *apps = "/apis/apps/v1", *core = "/api/v1";
constexpr std::int64_t first_wait_ms = 5'000;                      // for the first list
constexpr std::int64_t config_again_ms = 30'000;                   // somebody may have deleted it
constexpr std::int64_t wait_first_ms = 500, wait_max_ms = 30'000;  // before what was refused is tried again
constexpr auto poll = std::chrono::milliseconds(50);

/// Says of each thing whether it is time to try again: twice as late after each refusal.
class Tries {
 public:
  bool is_time(const std::string& thing) const {
    const auto found = tries_.find(thing);
    return found == tries_.end() || monotonic_ms() >= found->second.not_before_ms;
  }
  void succeeded(const std::string& thing) { tries_.erase(thing); }
  void failed(const std::string& thing) {
    Try& next = tries_.try_emplace(thing).first->second;
    next.not_before_ms = monotonic_ms() + next.waits.next_ms();
  }

 private:
  struct Try {
    Doubling waits{wait_first_ms, wait_max_ms};
    std::int64_t not_before_ms = 0;
  };
  std::map<std::string, Try> tries_;
};

class KubernetesWorkers : public Workers {
 public:
  explicit KubernetesWorkers(KubernetesSettings settings)
      : settings_(std::move(settings)),
        api_(settings_),
        pods_(api_, api_.path_of(core, "pods") + "?" + selector_of(settings_)),
        deployments_(api_, api_.path_of(apps, "deployments") + "?" + selector_of(settings_)),
        lease_(api_, settings_, settings_.identity.empty() ? made_up_identity() : settings_.identity) {}

  ~KubernetesWorkers() override { lease_.release(); }

  Result<std::vector<Running>> running() override {
    const auto pods = pods_.all(first_wait_ms);
    if (!pods) return fail(pods.error());
    std::vector<Seen> there;
    for (const auto& [name, pod] : *pods) there.push_back(pod);
    const std::lock_guard lock(mutex_);
    slots_.assign(there, wished_);
    std::vector<Running> out;
    for (const auto& [slot, pod] : slots_.all()) out.push_back({slot, worker_name(pod)});
    return out;
  }

  Result<Running> launch(const Launch& launch) override {
    return fail(Code::process_failed, "{}: Kubernetes starts workers by itself", launch.slot);
  }

  Result<bool> keep(const std::vector<Lane>& wish) override {
    const auto ours = lease_.hold();
    if (!ours) return fail(ours.error());
    if (!*ours) return true;  // another platform keeps them
    const auto pods = pods_.all(first_wait_ms), deployments = deployments_.all(first_wait_ms);
    if (!pods || !deployments) return fail(!pods ? pods.error() : deployments.error());
    Status result = wish.empty() ? Status() : keep_config();
    std::set<std::string> lanes;
    remember(wish);
    for (const Lane& lane : wish) {
      lanes.insert(lane.name);
      keep_first(result, keep_lane(lane, *deployments));
    }
    for (const auto& [name, deployment] : *deployments)
      if (!deployment.leaving && (!lanes.contains(deployment.lane) || name != deployment_name(settings_, deployment.lane)))
        keep_first(result, remove("deployments", apps, deployment, 0));
    for (const auto& [name, pod] : *pods)
      if (!pod.leaving && (is_over(pod) || !lanes.contains(pod.lane)))
        keep_first(result, remove("pods", core, pod, settings_.stop_grace_ms));
    return result ? Result<bool>(true) : fail(result.error());
  }

  Result<Standing> standing() override {
    if (!lease_.is_ours()) BS_TRY(lease_.look());
    const auto deployments = deployments_.all(first_wait_ms);
    if (!deployments) return fail(deployments.error());
    Standing out{.ours = lease_.is_ours(), .others = lease_.is_others()};
    for (const auto& [name, deployment] : *deployments)
      if (!deployment.leaving) out.counts[deployment.lane] = static_cast<int>(deployment.replicas);
    return out;
  }

  Status end(const std::string& slot, std::int64_t grace_ms) override {
    Seen pod;
    {
      const std::lock_guard lock(mutex_);
      const auto found = slots_.all().find(slot);
      if (found == slots_.all().end()) return {};
      pod = found->second;
      BS_TRY(goes_first(pod));
      BS_TRY(one_less(pod.lane));
    }
    // The number first, or another one is made, and then the choice among too many is not ours.
    for (int looks = 0; looks < 40 && !is_leaving(pod); ++looks) std::this_thread::sleep_for(poll);
    BS_TRY(delete_pod(pod, grace_ms));
    const std::int64_t end_ms = monotonic_ms() + grace_ms + settings_.leave_ms;
    while (is_there(pod)) {
      if (monotonic_ms() > end_ms) return fail(Code::process_failed, "{} does not end", worker_name(pod));
      std::this_thread::sleep_for(poll);
    }
    return {};
  }

  bool alive(const std::string& name) const override {
    Seen pod;
    if (!parse_worker_name(name, pod.name, pod.uid)) return true;
    {
      const std::lock_guard lock(dead_mutex_);
      if (dead_.contains(pod.uid)) return false;
    }
    const auto known = pods_.all(0);
    if (!known) return true;
    if (const auto found = known->find(pod.name); found != known->end() && found->second.uid == pod.uid) return true;
    if (is_there(pod)) return true;
    const std::lock_guard lock(dead_mutex_);
    dead_.insert(pod.uid);
    return false;
  }

 private:
  static std::string made_up_identity() {
    char host[65] = "";
    static_cast<void>(::gethostname(host, sizeof host - 1));
    return fmt::format("{}-{}-{}", host, ::getpid(), random_hex(4));
  }
  void remember(const std::vector<Lane>& wish) {
    const std::lock_guard lock(mutex_);
    wished_.clear();
    for (const Lane& lane : wish) wished_[lane.name] = lane.count;
  }
  static void keep_first(Status& result, Status next) {
    if (result && !next) result = std::move(next);
  }
  /// A Pod is one life of a worker; one that is over, or began again, is replaced.
  static bool is_over(const Seen& pod) { return pod.finished || pod.restarts > 0; }

  Status tried(const std::string& thing, const Reply& reply) {
    if (!reply.ok()) {
      tries_.failed(thing);
      return fail(refusal(reply));
    }
    tries_.succeeded(thing);
    return {};
  }
  /// Every write asks whether we still hold the Lease, and whether it is time to try again.
  bool may_write(const std::string& thing) const { return lease_.is_ours() && tries_.is_time(thing); }

  Status keep_config() {
    const std::string name = config_name(settings_), document = config_document(settings_);
    if ((document == config_written_ && monotonic_ms() < config_good_until_ms_) || !may_write(name)) return {};
    const Reply reply = api_.apply(api_.path_of(core, "configmaps", name), document, lease_.left_ms());
    if (reply.ok()) config_written_ = document, config_good_until_ms_ = monotonic_ms() + config_again_ms;
    return tried(name, reply);
  }

  Status keep_lane(const Lane& lane, const Watch::Things& deployments) {
    const std::string name = deployment_name(settings_, lane.name);
    if (!is_label(lane.name) || name.size() > 63)
      return fail(Code::orchestrator_failed, "lane \"{}\": {} is no name that Kubernetes takes", lane.name, name);
    const std::string document = deployment_document(settings_, lane);
    const auto live = deployments.find(name);
    const auto applied = applied_.find(name);
    const bool stands = live != deployments.end() && applied != applied_.end() && applied->second.document == document &&
                        applied->second.uid == live->second.uid && applied->second.generation == live->second.generation;
    if (stands || (live != deployments.end() && live->second.leaving) || !may_write(name)) return {};
    if (settings_.image.empty()) return fail(Code::config_invalid, "workers.image is missing: no worker can be started");
    const Reply reply = api_.apply(api_.path_of(apps, "deployments", name), document, lease_.left_ms());
    BS_TRY(tried(name, reply));
    const Seen written = seen_from(reply.body);
    if (applied == applied_.end() || applied->second.document != document)
      log_info("workers_lane", "lane={} replicas={} generation={}", lane.name, lane.count, written.generation);
    applied_[name] = {document, written.uid, written.generation};
    return {};
  }

  Status remove(const char* resource, const char* group, const Seen& thing, std::int64_t grace_ms) {
    const std::string key = std::string(resource) + "/" + thing.name + "/" + thing.uid;
    if (!may_write(key)) return {};
    log_info("workers_remove", "{}={} lane={}", resource, thing.name, thing.lane);
    const Reply reply = grace_ms > 0 ? delete_pod_call(thing, grace_ms, lease_.left_ms())
                                     : api_.call("DELETE", api_.path_of(group, resource, thing.name), delete_options(thing, 0),
                                                 json_type, lease_.left_ms());
    tries_.failed(key);                                            // also when it was taken: the watch tells a moment later
    const bool gone = reply.status == 404 || reply.status == 409;  // 409: the name belongs to another one
    return reply.ok() || gone ? Status() : fail(refusal(reply));
  }

  static std::string delete_options(const Seen& thing, std::int64_t grace_s) {
    json::object options{{"preconditions", json::object{{"uid", thing.uid}}}, {"propagationPolicy", "Background"}};
    if (grace_s > 0) options["gracePeriodSeconds"] = grace_s;
    return write_json(options);
  }
  /// Never without any time: then Kubernetes forgets the Pod before its kubelet has said that the worker is dead.
  Reply delete_pod_call(const Seen& pod, std::int64_t grace_ms, std::int64_t most_ms) {
    const std::int64_t grace_s = std::max<std::int64_t>(1, (grace_ms + 999) / 1000);
    return api_.call("DELETE", api_.path_of(core, "pods", pod.name), delete_options(pod, grace_s), json_type, most_ms);
  }
  Status delete_pod(const Seen& pod, std::int64_t grace_ms) {
    const Reply reply = delete_pod_call(pod, grace_ms, settings_.timeout_ms);
    if (reply.ok() || reply.status == 404 || (reply.status == 409 && !is_there(pod))) return {};
    return fail(refusal(reply));
  }
  /// When there is one too many, it is this one, unless another is not ready yet.
  Status goes_first(const Seen& pod) {
    const json::object note{{"controller.kubernetes.io/pod-deletion-cost", "-2147483647"}};
    const json::object document{{"metadata", json::object{{"uid", pod.uid}, {"annotations", note}}}};
    const Reply reply = api_.call("PATCH", api_.path_of(core, "pods", pod.name), write_json(document), merge_type);
    return reply.ok() || reply.status == 404 || reply.status == 409 ? Status() : fail(refusal(reply));
  }
  bool is_leaving(const Seen& pod) const {
    const Reply reply = api_.get(api_.path_of(core, "pods", pod.name));
    return reply.status == 404 || (reply.ok() && seen_from(reply.body).leaving);
  }
  Status one_less(const std::string& lane) {
    const std::string path = api_.path_of(apps, "deployments", deployment_name(settings_, lane));
    const Reply read = api_.get(path);
    if (read.status == 404) return {};
    if (!read.ok()) return fail(refusal(read));
    const Seen live = seen_from(read.body);
    const std::string document = with_replicas(live.applied, std::max<std::int64_t>(0, live.replicas - 1));
    if (live.leaving || live.replicas == 0) return {};
    if (document.empty()) return fail(Code::orchestrator_failed, "{}: its annotation {} cannot be read", live.name, applied_note);
    const Reply written = api_.apply(path, document);
    return written.ok() ? Status() : fail(refusal(written));
  }
  /// False only when the server says so: no Pod of this name, or another one.
  bool is_there(const Seen& pod) const {
    const Reply reply = api_.get(api_.path_of(core, "pods", pod.name));
    return !(reply.status == 404 && text_at(reply.body, "/details/name") == pod.name) &&
           !(reply.ok() && text_at(reply.body, "/metadata/uid") != pod.uid);
  }

  const KubernetesSettings settings_;
  mutable ApiServer api_;
  Watch pods_, deployments_;
  Lease lease_;

  struct Applied {
    std::string document, uid;
    std::int64_t generation = 0;
  };
  std::map<std::string, Applied> applied_;  // keep() alone, by name, as the rest up to the mutex
  Tries tries_;
  std::string config_written_;
  std::int64_t config_good_until_ms_ = 0;

  std::mutex mutex_;  // of the slots, and of who is ended
  Slots slots_;
  std::map<std::string, int> wished_;  // by lane, as it was last kept
  mutable std::mutex dead_mutex_;
  mutable std::set<std::string> dead_;  // uids; they never come back
};

}  // namespace

Result<std::unique_ptr<Workers>> open_kubernetes_workers(const KubernetesSettings& settings) {
  if (!settings.server.starts_with("https://"))
    return fail(Code::config_invalid, "workers.server: \"{}\" does not begin with https://", settings.server);
  if (!is_label(settings.namespace_name))
    return fail(Code::config_invalid, "workers.namespace: \"{}\" is no name of a namespace", settings.namespace_name);
  if (!is_label(settings.instance, 30))
    return fail(Code::config_invalid, "instance \"{}\": lower case, digits and dashes, at most 30", settings.instance);
  for (const std::string& file : {settings.token_file, settings.ca_file})
    if (!file.empty()) BS_TRY(read_file(file));
  return std::make_unique<KubernetesWorkers>(settings);
}

}  // namespace backstitch::workers
