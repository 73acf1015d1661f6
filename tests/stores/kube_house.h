// A real kube-apiserver with its controllers, a stand-in for the kubelet, and an administrator with an eye on it all.
#pragma once
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "base/testing.h"
#include "contract/lanes_contract.h"
#include "server.h"
#include "standins/kubelet/kubelet.h"
#include "stores/workers/kubernetes/api_server.h"
#include "stores/workers/kubernetes/kubernetes_workers.h"
#include "stores/workers/kubernetes/objects.h"

namespace backstitch::servers {

class KubeHouse {
 public:
  /// `program` stands for the "backstitch" of the Pods.
  explicit KubeHouse(const std::string& program = own_executable()) : server(start()) {
    settings.server = server.address(), settings.ca_file = place("ca.crt"), settings.token_file = place("worker-manager.token");
    settings.instance = "one", settings.image = "backstitch/worker:1", settings.endpoints_url = "http://127.0.0.1:1/api";
    settings.stop_grace_ms = 1'000, settings.lease_ms = 2'000, settings.identity = "first";
    admin_settings = settings;
    admin_settings.token_file = place("token");
    admin = std::make_unique<workers::ApiServer>(admin_settings);
    kubelet = std::make_unique<standin::Kubelet>(standin::KubeletSettings{
        {.server = settings.server, .ca_file = settings.ca_file, .token_file = admin_settings.token_file},
        program,
        folder / "pods"});
  }
  std::string place(const std::string& name) const { return folder / "kube/" + name; }
  std::unique_ptr<workers::Workers> open() const { return open(settings); }
  static std::unique_ptr<workers::Workers> open(const workers::KubernetesSettings& settings) {
    auto opened = workers::open_kubernetes_workers(settings);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
    return std::move(*opened);
  }

  std::string deployment_path(const std::string& name = {}) const { return admin->path_of("/apis/apps/v1", "deployments", name); }
  std::string pod_path(const std::string& name = {}) const { return admin->path_of("/api/v1", "pods", name); }
  std::string lease_path() const { return admin->path_of("/apis/coordination.k8s.io/v1", "leases", "backstitch-one"); }
  std::string config_path() const { return admin->path_of("/api/v1", "configmaps", "backstitch-one"); }
  boost::json::value get(const std::string& path) const { return admin->get(path).body; }
  int patch(const std::string& path, const std::string& document) const {
    return admin->call("PATCH", path, document, "application/merge-patch+json").status;
  }
  std::size_t count(const std::string& list_path) const {
    const auto reply = admin->get(list_path);
    return reply.ok() ? reply.body.at("items").as_array().size() : 99;
  }
  /// Nothing of an earlier test is left.
  void clear() const {
    for (const std::string& path :
         {deployment_path(), admin->path_of("/apis/apps/v1", "replicasets"), pod_path(),
          admin->path_of("/apis/coordination.k8s.io/v1", "leases"), admin->path_of("/api/v1", "configmaps")})
      EXPECT_TRUE(admin->call("DELETE", path, R"({"propagationPolicy":"Background"})").ok()) << path;
    EXPECT_TRUE(testing::wait_until([&] { return count(deployment_path()) == 0 && count(pod_path()) == 0; }, 20'000));
  }
  /// What kubectl says, both streams; empty when all went well is not a thing it does.
  Finished kubectl(std::vector<std::string> words) const {
    const char* kept = std::getenv("BACKSTITCH_SERVERS");
    const char* cache = std::getenv("XDG_CACHE_HOME");
    const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
    const std::string servers = kept ? kept : (cache ? std::string(cache) : home + "/.cache") + "/backstitch/servers";
    words.insert(words.begin(), {servers + "/kubernetes-1.36.3/kubectl", "--kubeconfig", place("kubeconfig")});
    const auto done = backstitch::run({.argv = words}, 30'000);
    return done ? *done : Finished{.exit_status = 1, .out = "", .err = done.error().text()};
  }
  /// etcd itself forgets all that was before now.
  void compact() const {
    HttpClient client;
    HttpCall call;
    call.method = "POST", call.url = fmt::format("http://127.0.0.1:{}/v3/maintenance/status", server.port() + 1),
    call.body = "{}";
    const auto status = parse_json(client.call(call).body);
    ASSERT_TRUE(status);
    call.url = fmt::format("http://127.0.0.1:{}/v3/kv/compaction", server.port() + 1);
    call.body = fmt::format(R"({{"revision":{},"physical":true}})", workers::text_at(*status, "/header/revision"));
    ASSERT_TRUE(client.call(call).ok());
  }

  testing::ScratchFolder folder;
  Server server;
  workers::KubernetesSettings settings, admin_settings;
  std::unique_ptr<workers::ApiServer> admin;
  std::unique_ptr<standin::Kubelet> kubelet;

 private:
  Server start() {
    auto started = Server::start("kube", folder / "kube", free_ports(4));
    if (!started) throw std::runtime_error(started.error().text());
    return std::move(*started);
  }
};

/// The contract's house in it.
class KubeLanes : public workers::contract::LaneHouse {
 public:
  explicit KubeLanes(KubeHouse& house) : house_(house) { next_life(); }
  workers::Workers& workers() override { return *workers_; }
  void next_life() override {
    workers_.reset();
    workers_ = house_.open();
  }
  void kill(const workers::Running& worker) override { EXPECT_TRUE(house_.kubelet->kill(worker.name)) << worker.name; }
  bool ready(const workers::Running& worker) override { return house_.kubelet->said(worker.name).starts_with("ready"); }
  bool finished(const workers::Running& worker) override {
    return house_.kubelet->said(worker.name).find("finished") != std::string::npos;
  }
  int patience_ms() const override { return 30'000; }

 private:
  KubeHouse& house_;
  std::unique_ptr<workers::Workers> workers_;
};

/// Of those that run, or why it is not known.
inline std::string slots_of(workers::Workers& of) {
  const auto running = of.running();
  if (!running) return running.error().text();
  std::string out;
  for (const workers::Running& worker : *running) out += (out.empty() ? "" : " ") + worker.slot;
  return out;
}

}  // namespace backstitch::servers
