#include "standins/kubelet/kubelet.h"

#include <signal.h>

#include <set>

#include "base/files.h"
#include "base/json.h"
#include "base/signature.h"
#include "base/time.h"

namespace backstitch::standin {
namespace json = boost::json;
namespace {

constexpr std::chrono::milliseconds look_every{20};
constexpr std::int64_t patient_ms = 30'000;

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

std::string base64_decoded(std::string text) {
  for (char& letter : text) letter = letter == '+' ? '-' : letter == '/' ? '_' : letter;
  text.erase(text.find_last_not_of('=') + 1);
  return base64url_decoded(text).value_or("");
}

}  // namespace

Kubelet::Kubelet(KubeletSettings settings)
    : settings_(std::move(settings)), api_(settings_.control_plane), thread_([this] { run(); }) {}

Kubelet::~Kubelet() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
  for (auto& [uid, pod] : pods_)
    if (pod.runs) stop_process(pod.child.id, 0);
}

void Kubelet::run() {
  for (std::unique_lock lock(mutex_); !stop_; changed_.wait_for(lock, look_every, [this] { return stop_; }))
    if (!lost_) look();
}

void Kubelet::look() {
  const auto list = api_.call("GET", "pods");
  if (!list || !list->is_object()) return;
  std::set<std::string> there;
  for (const json::value& object : list->at("items").as_array()) {
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
      ++pod.restarts;
      if (start(pod, object)) tell(pod);
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
  pod.name = text_at(object, "/metadata/name"), pod.worker = pod.name + "-" + uid, pod.folder = settings_.folder + "/" + uid;
  pod.image = text_at(object, "/spec/containers/0/image");
  const json::object binding{{"apiVersion", "v1"},
                             {"kind", "Binding"},
                             {"metadata", json::object{{"name", pod.name}}},
                             {"target", json::object{{"apiVersion", "v1"}, {"kind", "Node"}, {"name", "here"}}}};
  const bool bound = !text_at(object, "/spec/nodeName").empty();
  if (!bound && !api_.call("POST", "pods/" + pod.name + "/binding", write_json(binding))) return;
  if (!make_volumes(pod, object) || !start(pod, object)) return;
  folders_[pod.worker] = pod.folder;
  tell(pod);
  pods_[uid] = std::move(pod);
}

bool Kubelet::make_volumes(const Pod& pod, const json::value& object) {
  for (const json::value& volume : object.at("spec").at("volumes").as_array()) {
    const std::string folder = pod.folder + "/" + text_at(volume, "/name");
    const auto content = content_of(volume);
    if (!content) return false;
    if (!make_folders(folder)) return false;
    for (const auto& [name, text] : *content)
      if (!write_file_durably(folder + "/" + name, text)) return false;
  }
  return true;
}

/// Files of a ConfigMap or Secret; none when it is not there.
std::optional<std::map<std::string, std::string>> Kubelet::content_of(const json::value& volume) {
  const std::string map = text_at(volume, "/configMap/name"), secret = text_at(volume, "/secret/secretName");
  std::map<std::string, std::string> out;
  if (map.empty() && secret.empty()) return out;
  const auto found = api_.call("GET", secret.empty() ? "configmaps/" + map : "secrets/" + secret);
  if (!found) return std::nullopt;
  for (const auto& [name, value] : found->at("data").as_object()) {
    std::string text(value.as_string());
    if (!secret.empty()) text = base64_decoded(text);
    out[std::string(name)] = text;
  }
  return out;
}

/// False: it could not be started, and is the next time round.
bool Kubelet::start(Pod& pod, const json::value& object) {
  const json::value& container = object.at("spec").at("containers").at(0);
  Command command;
  for (const json::value& word : container.at("command").as_array()) {
    std::string text(word.as_string());
    for (const json::value& mount : container.at("volumeMounts").as_array())
      replace_all(text, text_at(mount, "/mountPath") + "/", pod.folder + "/" + text_at(mount, "/name") + "/");
    command.argv.push_back(text == "backstitch" ? settings_.program : text);
  }
  std::map<std::string, std::string> fields = {{"metadata.name", pod.name}, {"metadata.uid", text_at(object, "/metadata/uid")}};
  for (const json::value& variable : container.at("env").as_array()) {
    const std::string name = text_at(variable, "/name"), field = text_at(variable, "/valueFrom/fieldRef/fieldPath");
    std::string value = field.empty() ? text_at(variable, "/value") : fields.at(field);
    for (const auto& [before, known] : command.env) replace_all(value, "$(" + before + ")", known);
    command.env.emplace_back(name, value);
  }
  command.die_with_parent = true;
  command.stdout_path = pod.folder + "/log";
  const auto child = backstitch::start(command);
  if (!child) return false;
  pod.child = *child, pod.runs = true;
  return write_pid_file(pod.folder + "/pid", child->id).has_value();
}

void Kubelet::finish(Pod& pod, const json::value& object) {
  if (pod.runs && !std::exchange(pod.asked, true)) {
    pod.kill_at_ms = monotonic_ms() + number_at(object, "/metadata/deletionGracePeriodSeconds") * 1000;
    signal_process(pod.child.id, SIGTERM);
  }
  if (pod.runs && monotonic_ms() > pod.kill_at_ms) stop_process(pod.child.id, 0), pod.runs = false;
  if (!pod.runs)
    static_cast<void>(
        api_.call("DELETE", "pods/" + pod.name,
                  fmt::format(R"({{"gracePeriodSeconds":0,"preconditions":{{"uid":"{}"}}}})", text_at(object, "/metadata/uid"))));
}

void Kubelet::tell(const Pod& pod) {
  const json::object ready{{"type", "Ready"},
                           {"status", pod.restarts == 0 ? "True" : "False"},
                           {"lastTransitionTime", rfc3339(wall_clock()).substr(0, 19) + "Z"}};
  const json::object container{{"name", "worker"},
                               {"image", pod.image},
                               {"imageID", "none"},
                               {"ready", pod.restarts == 0},
                               {"restartCount", pod.restarts}};
  const json::object status{
      {"status",
       json::object{{"phase", "Running"}, {"conditions", json::array{ready}}, {"containerStatuses", json::array{container}}}}};
  static_cast<void>(api_.call("PATCH", "pods/" + pod.name + "/status", write_json(status), merge_type));
}

void Kubelet::lose_node(bool lost) {
  const std::lock_guard lock(mutex_);
  lost_ = lost;
}

bool Kubelet::kill(const std::string& worker) {
  std::unique_lock lock(mutex_);
  for (const std::int64_t end_ms = monotonic_ms() + patient_ms; monotonic_ms() < end_ms; changed_.wait_for(lock, look_every))
    for (auto& [uid, pod] : pods_)
      if (pod.worker == worker && pod.runs) return signal_process(pod.child.id, SIGKILL), true;
  return false;
}

std::string Kubelet::said(const std::string& worker) const {
  const std::lock_guard lock(mutex_);
  const auto folder = folders_.find(worker);
  return folder == folders_.end() ? "" : read_file(folder->second + "/log").value_or("");
}

}  // namespace backstitch::standin
