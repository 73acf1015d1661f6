#include "demo/stores.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"

namespace backstitch::demo {
namespace {

struct Kind {
  const char *store, *script;
  Victim victim;
  int ports;
  std::vector<std::string> arguments;
};
const Kind kinds[] = {{"kafka", "kafka", Victim::queue, 3, {}},
                      {"redis", "redis", Victim::cache, 1, {}},
                      {"s3", "ceph", Victim::objects, 10, {"bucket=backstitch-objects", "bucket=backstitch-safe"}}};

const Kind* find_kind(const std::string& store) {
  const auto* found = std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& kind) { return store == kind.store; });
  return found == std::end(kinds) ? nullptr : found;
}

// Keys of a gateway that lives as long as the demo, on loopback.
constexpr const char *access_key = "BACKSTITCH", *secret_key = "backstitch-secret";

}  // namespace

Result<std::vector<std::string>> parse_stores(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t from = 0; from < list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    names.push_back(list.substr(from, comma - from));
    if (!find_kind(names.back())) return fail(Code::usage, "--stores {}: none of kafka, redis, s3", names.back());
    from = comma + 1;
  }
  return names;
}

std::vector<Victim> victims_of(const std::vector<std::string>& stores) {
  std::vector<Victim> victims;
  for (const std::string& store : stores) victims.push_back(find_kind(store)->victim);
  return victims;
}

Result<Stores> Stores::start(const std::vector<std::string>& names, const std::string& folder, const std::string& scripts) {
  Stores stores(folder);
  BS_TRY(make_folders(folder));
  for (const std::string& name : names) {
    const Kind& kind = *find_kind(name);
    auto server = servers::Server::start(kind.script, folder + "/" + name, servers::free_ports(kind.ports), kind.arguments,
                                         scripts + "/servers");
    if (!server) return fail(std::move(server.error()));
    stores.servers_.emplace(kind.victim, std::move(*server));
  }
  BS_TRY(stores.write_secret());
  return stores;
}

Status Stores::write_secret() const { return write_file_durably(folder_ + "/s3.secret", std::string(secret_key) + "\n"); }

std::string Stores::configuration() const {
  std::string text;
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
  return text;
}

servers::Server* Stores::server(Victim victim) {
  const auto found = servers_.find(victim);
  return found == servers_.end() ? nullptr : &found->second;
}

Status Stores::bring_back() {
  for (auto& [victim, server] : servers_)
    if (!server.running()) BS_TRY(server.start_again());
  return {};
}

void Stores::stop() {
  for (auto& [victim, server] : servers_) server.stop();
}

}  // namespace backstitch::demo
