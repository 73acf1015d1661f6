#include "demo/stores.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"

namespace backstitch::demo {
namespace {

struct Kind {
  const char* store;
  std::optional<Victim> victim;
  const char* script = nullptr;  // none: a stand-in of ours
  int ports = 0;
  std::vector<std::string> arguments = {};
};
const Kind kinds[] = {{"kafka", Victim::queue, "kafka", 3},
                      {"redis", Victim::cache, "redis", 1},
                      {"riak", Victim::cache},
                      {"s3", Victim::objects, "ceph", 10, {"bucket=backstitch-objects", "bucket=backstitch-safe"}},
                      {"salesforce", std::nullopt},
                      {"kube", Victim::orchestrator, "kube", 4}};

const Kind* find_kind(const std::string& store) {
  const auto* found = std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& kind) { return store == kind.store; });
  return found == std::end(kinds) ? nullptr : found;
}

/// The one of `names` that does the same as `name`; empty: none.
std::string rival_of(const std::string& name, const std::vector<std::string>& names) {
  const auto victim = find_kind(name)->victim;
  for (const std::string& other : names)
    if (other == name || (victim && find_kind(other)->victim == victim)) return other;
  return {};
}

// Keys of a gateway that lives as long as the demo, on loopback.
constexpr const char *access_key = "BACKSTITCH", *secret_key = "backstitch-secret";

}  // namespace

Result<std::vector<std::string>> parse_stores(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t from = 0; from < list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    const std::string name = list.substr(from, comma - from);
    if (!find_kind(name)) return fail(Code::usage, "--stores {}: none of kafka, redis, riak, s3, salesforce, kube", name);
    const std::string rival = rival_of(name, names);
    if (rival == name) return fail(Code::usage, "--stores {}: {} stands there twice", list, name);
    if (!rival.empty()) return fail(Code::usage, "--stores {}: {} and {} have one place; name one of them", list, rival, name);
    names.push_back(name);
    from = comma + 1;
  }
  return names;
}

std::vector<Victim> victims_of(const std::vector<std::string>& stores) {
  std::vector<Victim> victims;
  for (const std::string& store : stores)
    if (const auto victim = find_kind(store)->victim) victims.push_back(*victim);
  return victims;
}

Result<Stores> Stores::start(const std::vector<std::string>& names, const std::string& folder, const std::string& scripts,
                             const Places& places) {
  Stores stores(folder, places);
  BS_TRY(make_folders(folder));
  BS_TRY(stores.write_secret());
  for (const std::string& name : names) BS_TRY(stores.start_one(name, scripts));
  return stores;
}

Status Stores::start_one(const std::string& name, const std::string& scripts) {
  const Kind& kind = *find_kind(name);
  const std::string own = folder_ + "/" + name;
  if (name == "salesforce") {
    auto made = Salesforce::make(own);
    if (!made) return fail(std::move(made.error()));
    salesforce_ = std::move(*made);
  }
  if (name == "riak") {
    BS_TRY(make_folders(own));
    riak_ = std::make_unique<StandIn>("standin-riak", places_.riak, std::vector<std::string>{"--data", own}, own + "/log");
    return riak_->start();
  }
  if (!kind.script) return {};
  auto server = servers::Server::start(kind.script, own, servers::free_ports(kind.ports), kind.arguments, scripts + "/servers");
  if (!server) return fail(std::move(server.error()));
  const std::string address = server->address();
  servers_.emplace(*kind.victim, std::move(*server));
  if (name != "kube") return {};
  auto kube = Kube::start(address, own, folder_ + "/node");
  if (!kube) return fail(std::move(kube.error()));
  kube_ = std::move(*kube);
  return {};
}

Status Stores::write_secret() const { return write_file_durably(folder_ + "/s3.secret", std::string(secret_key) + "\n"); }

std::string Stores::configuration() const {
  std::string text = salesforce_ ? salesforce_->configuration(places_.org)
                                 : fmt::format("crm: {{adapter: standin, url: \"http://127.0.0.1:{}\"}}\n", places_.org);
  for (const auto& [victim, server] : servers_) {
    const int port = server.port();
    if (victim == Victim::queue) text += fmt::format("queue: {{adapter: kafka, brokers: \"127.0.0.1:{}\"}}\n", port);
    if (victim == Victim::cache) text += fmt::format("cache: {{adapter: redis, url: \"redis://127.0.0.1:{}\"}}\n", port);
    if (victim == Victim::objects)
      text += fmt::format(
          "objects: {{adapter: s3, bucket: backstitch-objects}}\nsafe: {{adapter: s3, bucket: backstitch-safe}}\n"
          "s3: {{endpoint: \"http://127.0.0.1:{}\", access_key: {}, secret_key: \"file:{}/s3.secret\"}}\n",
          port, access_key, folder_);
  }
  if (riak_) text += fmt::format("cache: {{adapter: riak, url: \"{}\"}}\n", riak_->url());
  if (kube_) text += kube_->listen();
  return text + fmt::format("workers: {{{}lanes: {{default: {{count: 2, concurrency: 32}}}}}}\n",
                            kube_ ? kube_->workers_keys(places_.workers) : "");
}

std::vector<std::string> Stores::org_arguments() const {
  return salesforce_ ? salesforce_->org_arguments() : std::vector<std::string>();
}

std::vector<ProcessId> Stores::workers() const { return kube_ ? kube_->workers() : std::vector<ProcessId>(); }

std::optional<ProcessId> Stores::find(Victim victim) const {
  if (victim == Victim::cache && riak_) return riak_->running() ? std::optional(riak_->id()) : std::nullopt;
  const auto found = servers_.find(victim);
  return found == servers_.end() || !found->second.running() ? std::nullopt : std::optional(found->second.id());
}

bool Stores::kill_hard(Victim victim) {
  if (victim == Victim::cache && riak_) return riak_->kill_hard(), true;
  const auto found = servers_.find(victim);
  if (found == servers_.end()) return false;
  found->second.kill_hard();
  return true;
}

Status Stores::bring_back() {
  if (riak_ && !riak_->running()) BS_TRY(riak_->start());
  for (auto& [victim, server] : servers_)
    if (!server.running()) BS_TRY(server.start_again());
  return {};
}

void Stores::stop() {
  if (kube_) kube_->stop();
  if (riak_) riak_->stop();
  for (auto& [victim, server] : servers_) server.stop();
}

}  // namespace backstitch::demo
