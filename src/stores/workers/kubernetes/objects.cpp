#include "stores/workers/kubernetes/objects.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "base/net/percent.h"
#include "stores/workers/kubernetes/api_server.h"

namespace backstitch::workers {
namespace json = boost::json;
namespace {

constexpr std::size_t uid_length = 36;
constexpr const char *life_folder = "/life", *endpoints_folder = "/etc/backstitch", *link_folder = "/etc/backstitch-link";
// A container that is started again in the same Pod would have the name of the one before it, and take its marks for its own: it
// does not get beyond the folder that the first one made. The Pod is then replaced.
constexpr const char* one_life = "mkdir /life/begun && exec \"$@\"";

json::object labels_of(const KubernetesSettings& settings, const std::string& lane) {
  return {{"app.kubernetes.io/managed-by", "backstitch"}, {instance_label, settings.instance}, {lane_label, lane}};
}

json::object variable(const char* name, const char* field) {
  return {{"name", name}, {"valueFrom", json::object{{"fieldRef", json::object{{"fieldPath", field}}}}}};
}

json::object mount(const char* name, const char* folder) { return {{"name", name}, {"mountPath", folder}}; }

json::object container_of(const KubernetesSettings& settings, const Lane& lane) {
  json::array command{"/bin/sh", "-c", one_life, "sh", "backstitch", "worker", "--lane", json::string(lane.name)};
  for (const std::string& word : {std::string("--concurrency"), std::to_string(lane.concurrency), std::string("--endpoints"),
                                  std::string(endpoints_folder) + "/endpoints.json", std::string("--stop-grace-ms"),
                                  std::to_string(settings.stop_grace_ms)})
    command.emplace_back(word);
  json::array mounts{mount("life", life_folder), mount("endpoints", endpoints_folder)};
  if (!settings.link_secret.empty()) {
    command.emplace_back("--token"), command.emplace_back(std::string("file:") + link_folder + "/token");
    mounts.push_back(mount("link", link_folder));
  }
  json::array env{variable("POD_NAME", "metadata.name"), variable("POD_UID", "metadata.uid"),
                  json::object{{"name", worker_name_variable}, {"value", "$(POD_NAME)-$(POD_UID)"}}};
  for (const auto& [name, value] : settings.env) env.push_back(json::object{{"name", name}, {"value", value}});
  return {{"name", "worker"},
          {"image", settings.image},
          {"command", std::move(command)},
          {"env", std::move(env)},
          {"volumeMounts", std::move(mounts)}};
}

json::object pod_template(const KubernetesSettings& settings, const Lane& lane) {
  const std::int64_t grace_s = (settings.stop_grace_ms + 999) / 1000 + 1;  // its own patience ends first
  json::array volumes{json::object{{"name", "life"}, {"emptyDir", json::object{}}},
                      json::object{{"name", "endpoints"}, {"configMap", json::object{{"name", config_name(settings)}}}}};
  if (!settings.link_secret.empty())
    volumes.push_back(json::object{{"name", "link"}, {"secret", json::object{{"secretName", settings.link_secret}}}});
  json::object spec{{"serviceAccountName", "worker"},
                    {"automountServiceAccountToken", false},
                    {"enableServiceLinks", false},  // a service called backstitch would look like a key of the configuration
                    {"terminationGracePeriodSeconds", grace_s},
                    {"containers", json::array{container_of(settings, lane)}},
                    {"volumes", std::move(volumes)}};
  return {{"metadata", json::object{{"labels", labels_of(settings, lane.name)}}}, {"spec", std::move(spec)}};
}

std::string annotated(json::object document) {
  const std::string applied = write_json(document);
  document["metadata"].as_object()["annotations"] = json::object{{applied_note, applied}};
  return write_json(document);
}

}  // namespace

bool is_label(const std::string& text, std::size_t most) {
  return !text.empty() && text.size() <= most && text.front() != '-' && text.back() != '-' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

Seen seen_from(const json::value& object) {
  Seen seen;
  seen.name = text_at(object, "/metadata/name"), seen.uid = text_at(object, "/metadata/uid");
  seen.lane = text_at(object, "/metadata/labels/backstitch~1lane");
  seen.created = text_at(object, "/metadata/creationTimestamp");
  seen.resource_version = text_at(object, "/metadata/resourceVersion");
  seen.applied = text_at(object, "/metadata/annotations/backstitch~1applied");
  seen.generation = number_at(object, "/metadata/generation"), seen.replicas = number_at(object, "/spec/replicas");
  seen.restarts = number_at(object, "/status/containerStatuses/0/restartCount");
  seen.leaving = !text_at(object, "/metadata/deletionTimestamp").empty();
  const std::string phase = text_at(object, "/status/phase");
  seen.finished = phase == "Failed" || phase == "Succeeded";
  return seen;
}

std::string deployment_name(const KubernetesSettings& settings, const std::string& lane) {
  return fmt::format("backstitch-{}-{}", settings.instance, lane);
}
std::string config_name(const KubernetesSettings& settings) { return "backstitch-" + settings.instance; }
std::string selector_of(const KubernetesSettings& settings) {
  return "labelSelector=" + percent_encoded(fmt::format("{}={}", instance_label, settings.instance));
}

std::string deployment_document(const KubernetesSettings& settings, const Lane& lane) {
  json::object spec{
      {"replicas", lane.count},
      {"revisionHistoryLimit", 1},
      {"selector", json::object{{"matchLabels", json::object{{instance_label, settings.instance}, {lane_label, lane.name}}}}},
      {"template", pod_template(settings, lane)}};
  return annotated(
      {{"apiVersion", "apps/v1"},
       {"kind", "Deployment"},
       {"metadata", json::object{{"name", deployment_name(settings, lane.name)}, {"labels", labels_of(settings, lane.name)}}},
       {"spec", std::move(spec)}});
}

std::string with_replicas(const std::string& applied, std::int64_t replicas) {
  auto document = parse_json(applied);
  if (!document || !document->is_object()) return {};
  json::value* spec = document->get_object().if_contains("spec");
  if (!spec || !spec->is_object() || !document->get_object().contains("metadata")) return {};
  spec->get_object()["replicas"] = replicas;
  return annotated(std::move(document->get_object()));
}

// Of several processes each names its own address; a kubelet brings a change up to a minute late, so the workers ask on from
// here.
std::string config_document(const KubernetesSettings& settings) {
  json::object endpoints{{settings.brokers ? "seed" : "workers", settings.endpoints_url}};
  if (settings.brokers) endpoints["brokers"] = json::value_from(settings.brokers());
  json::object data{{"endpoints.json", write_json(endpoints)}};
  if (!settings.configuration.empty()) data["effective.yaml"] = settings.configuration;
  json::object labels{{"app.kubernetes.io/managed-by", "backstitch"}, {instance_label, settings.instance}};
  return write_json(json::object{{"apiVersion", "v1"},
                                 {"kind", "ConfigMap"},
                                 {"metadata", json::object{{"name", config_name(settings)}, {"labels", std::move(labels)}}},
                                 {"data", std::move(data)}});
}

std::string worker_name(const Seen& pod) { return pod.name + "-" + pod.uid; }

bool parse_worker_name(const std::string& name, std::string& pod, std::string& uid) {
  if (name.size() < uid_length + 2 || name[name.size() - uid_length - 1] != '-') return false;
  pod = name.substr(0, name.size() - uid_length - 1), uid = name.substr(name.size() - uid_length);
  for (std::size_t i = 0; i < uid_length; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? uid[i] != '-' : std::string_view("0123456789abcdef").find(uid[i]) == std::string_view::npos) return false;
  }
  return is_label(pod);
}

}  // namespace backstitch::workers
