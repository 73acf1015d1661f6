#include "kubelet.h"

#include <signal.h>

#include "base/files.h"
#include "base/json.h"
#include "base/time.h"
#include "stores/workers/kubernetes/objects.h"

namespace backstitch::servers {
namespace json = boost::json;
using workers::number_at;
using workers::text_at;
namespace {

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

}  // namespace

Kubelet::Kubelet(workers::KubernetesSettings settings, std::string program, std::string folder)
    : settings_(std::move(settings)), api_(settings_), program_(std::move(program)), folder_(std::move(folder)), thread_([this] {
        run();
      }) {}

Kubelet::~Kubelet() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  thread_.join();
  for (auto& [uid, pod] : pods_)
    if (pod.runs) stop_process(pod.child.id, 0);
}

void Kubelet::run() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (stop_) return;
      look();
    }
    testing::wait_until(
        [this] {
          const std::lock_guard lock(mutex_);
          return stop_;
        },
        20);
  }
}

void Kubelet::look() {
  const auto list = api_.get(path("pods"));
  if (!list.ok()) return;
  std::set<std::string> there;
  for (const json::value& object : list.body.at("items").as_array()) {
    const std::string uid = text_at(object, "/metadata/uid");
    there.insert(uid);
    const bool leaving = !text_at(object, "/metadata/deletionTimestamp").empty();
    const auto found = pods_.find(uid);
    if (found == pods_.end()) {
      if (!leaving) begin(object);
      continue;
    }
    Pod& pod = found->second;
    if (pod.runs && reap(pod.child.id.pid) >= 0) pod.runs = false;
    if (leaving) {
      finish(pod, object);
    } else if (!pod.runs) {
      ++pod.restarts, start(pod, object), tell(pod);
    }
  }
  for (auto pod = pods_.begin(); pod != pods_.end();) {  // forgotten by the server: a kubelet kills those, too
    if (there.contains(pod->first)) {
      ++pod;
      continue;
    }
    if (pod->second.runs) stop_process(pod->second.child.id, 0);
    pod = pods_.erase(pod);
  }
}

void Kubelet::begin(const json::value& object) {
  Pod pod;
  const std::string uid = text_at(object, "/metadata/uid");
  pod.name = text_at(object, "/metadata/name"), pod.worker = pod.name + "-" + uid, pod.folder = folder_ + "/" + uid;
  const json::object binding{{"apiVersion", "v1"},
                             {"kind", "Binding"},
                             {"metadata", json::object{{"name", pod.name}}},
                             {"target", json::object{{"apiVersion", "v1"}, {"kind", "Node"}, {"name", "here"}}}};
  if (!api_.call("POST", path("pods", pod.name) + "/binding", write_json(binding)).ok()) return;
  BS_ASSERT(make_folders(pod.folder + "/life") && make_folders(pod.folder + "/etc"), "a folder of a Pod");
  write_config(pod.folder + "/etc");
  start(pod, object);
  folders_[pod.worker] = pod.folder;
  tell(pod);
  pods_[uid] = std::move(pod);
}

/// The volume of the ConfigMap that the template names.
void Kubelet::write_config(const std::string& folder) {
  const auto config = api_.get(path("configmaps", workers::config_name(settings_)));
  if (!config.ok()) return;
  for (const auto& [name, content] : config.body.at("data").as_object())
    BS_ASSERT(write_file_durably(folder + "/" + std::string(name), std::string(content.as_string())), "a file of a volume");
}

void Kubelet::start(Pod& pod, const json::value& object) {
  const json::value& container = object.at("spec").at("containers").at(0);
  Command command;
  for (const json::value& word : container.at("command").as_array()) {
    std::string text(word.as_string());
    replace_all(text, "/life/", pod.folder + "/life/"), replace_all(text, "/etc/backstitch/", pod.folder + "/etc/");
    command.argv.push_back(text == "backstitch" ? program_ : text);
  }
  std::string name = text_at(container, "/env/2/value");
  replace_all(name, "$(POD_NAME)", pod.name), replace_all(name, "$(POD_UID)", text_at(object, "/metadata/uid"));
  command.env = {{text_at(container, "/env/2/name"), name}};
  command.stdout_path = pod.folder + "/log";
  const auto child = backstitch::start(command);
  BS_ASSERT(child.has_value(), "a container starts");
  pod.child = *child, pod.runs = true;
}

void Kubelet::finish(Pod& pod, const json::value& object) {
  if (pod.runs && !std::exchange(pod.asked, true)) {
    pod.kill_at_ms = monotonic_ms() + number_at(object, "/metadata/deletionGracePeriodSeconds") * 1000;
    signal_process(pod.child.id, SIGTERM);
  }
  if (pod.runs && monotonic_ms() > pod.kill_at_ms) stop_process(pod.child.id, 0), pod.runs = false;
  if (!pod.runs)
    static_cast<void>(
        api_.call("DELETE", path("pods", pod.name),
                  fmt::format(R"({{"gracePeriodSeconds":0,"preconditions":{{"uid":"{}"}}}})", text_at(object, "/metadata/uid"))));
}

void Kubelet::tell(const Pod& pod) {
  const json::object ready{{"type", "Ready"},
                           {"status", pod.restarts == 0 ? "True" : "False"},
                           {"lastTransitionTime", rfc3339(wall_clock()).substr(0, 19) + "Z"}};
  const json::object container{{"name", "worker"},
                               {"image", settings_.image},
                               {"imageID", "none"},
                               {"ready", pod.restarts == 0},
                               {"restartCount", pod.restarts}};
  const json::object status{
      {"status",
       json::object{{"phase", "Running"}, {"conditions", json::array{ready}}, {"containerStatuses", json::array{container}}}}};
  static_cast<void>(api_.call("PATCH", path("pods", pod.name) + "/status", write_json(status), workers::merge_type));
}

void Kubelet::kill(const std::string& worker) {
  const std::lock_guard lock(mutex_);
  for (auto& [uid, pod] : pods_)
    if (pod.worker == worker && pod.runs) signal_process(pod.child.id, SIGKILL);
}

std::string Kubelet::said(const std::string& worker) const {
  const std::lock_guard lock(mutex_);
  const auto folder = folders_.find(worker);
  return folder == folders_.end() ? "" : read_file(folder->second + "/log").value_or("");
}

}  // namespace backstitch::servers
