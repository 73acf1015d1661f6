#include "cluster_house.h"

#include <signal.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/json.h"

namespace backstitch::servers {
namespace json = boost::json;
using testing::wait_until;

namespace {

constexpr int ready_ms_max = 60'000;

std::string text_of(const json::value& document, const char* name) {
  const json::value* value = document.is_object() ? document.get_object().if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

Server started_kafka(const std::string& folder) {
  auto started = Server::start("kafka", folder, free_ports(3));
  if (!started) throw std::runtime_error(started.error().text());
  return std::move(*started);
}

}  // namespace

ClusterHouse::ClusterHouse(const std::string& workers) : kafka_(started_kafka(postgres.folder / "kafka")) {
  system_ = std::make_unique<standin_testing::StandIn>(
      "standin-system",
      std::vector<std::string>{"--data", folder_of("system"), "--lookup", "latency=20-120", "--blind", "latency=20-120"});
  const std::string base = "http://127.0.0.1:" + std::to_string(system_->port());
  std::string text =
      "listen: {port: 0, metrics_port: 0, workers_port: 0}\npartitions: 8\nshards: {threads: 2}\nretry: {default_interval: "
      "100ms}\n"
      "verify: {every: 0s}\n";
  text += fmt::format("workers: {}\n", workers);
  text += fmt::format("database: {{adapter: external, url: 'file:{}'}}\n", folder_of("url"));
  text += fmt::format("queue: {{adapter: kafka, brokers: '{}'}}\nsafe: {{folder: '{}'}}\nsystems:\n", kafka_.address(),
                      folder_of("safe"));
  for (const char* interface : {"keyed", "lookup", "blind", "later"})
    text += fmt::format("  \"standin:{}\": {}/{}\n", interface, base, interface);
  EXPECT_TRUE(write_file_durably(folder_of("url"), postgres.url() + "\n"));
  EXPECT_TRUE(write_file_durably(folder_of("node.yaml"), text));
}

ClusterHouse::~ClusterHouse() {
  for (Node& node : nodes_)
    if (node.running) stop(node);
  for (const Node& node : nodes_)
    for (const ProcessId worker : e2e::workers_of(node.data)) stop_process(worker, 0);
}

ClusterHouse::Node& ClusterHouse::start(const std::string& name, const std::string& roles,
                                        const std::vector<std::pair<std::string, std::string>>& env) {
  Node& node = nodes_.emplace_back();
  node.name = name, node.data = folder_of(name);
  Command command{.argv = {PLATFORM_PROGRAM, "serve", "--data", node.data, "--config", folder_of("node.yaml")}, .env = env};
  if (!roles.empty()) command.argv.insert(command.argv.end(), {"--roles", roles});
  command.stdout_path = folder_of(name + ".log"), command.die_with_parent = true;
  auto child = backstitch::start(command);
  EXPECT_TRUE(child) << child.error().text();
  if (!child) return node;
  node.child = *child, node.running = true;
  const auto endpoints = [&]() -> json::value {
    auto document = parse_json(read_file(node.data + "/run/endpoints.json").value_or(""));
    const bool own = document && document->is_object() && document->at("pid").to_number<int>() == node.child.id.pid;
    return own ? *document : json::value();
  };
  const bool ready = wait_until(
      [&] {
        const json::value document = endpoints();
        if (document.is_null()) return false;
        node.api = text_of(document, "api");
        const HttpAnswer answer =
            http_.call({.method = "GET", .url = text_of(document, "metrics") + "/ready", .timeout_ms = 2'000});
        return answer.status == 200;
      },
      ready_ms_max);
  EXPECT_TRUE(ready) << name << ": " << read_file(command.stdout_path).value_or("");
  if (ready && !std::exchange(active_, true)) activate_catalog(node);
  return node;
}

void ClusterHouse::activate_catalog(const Node& node) {
  const std::string content = read_file(std::string(CATALOGS_FOLDER) + "/chaos/catalog.json").value_or("");
  const HttpAnswer stored = call(node, "POST", "/api/v1/catalog/versions", content);
  ASSERT_EQ(stored.status, 201) << stored.body;
  const std::string digest = text_of(parse_json(stored.body).value(), "digest");
  const HttpAnswer active = call(node, "POST", "/api/v1/catalog/versions/" + digest + "/activate?wait=20s");
  ASSERT_TRUE(active.ok()) << active.body;
}

void ClusterHouse::kill_hard(Node& node) {
  signal_process(node.child.id, SIGKILL);
  EXPECT_TRUE(wait_until([&] { return reap(node.child.id.pid) >= 0; }));
  node.running = false;
}

void ClusterHouse::stop(Node& node) {
  signal_process(node.child.id, SIGCONT);
  signal_process(node.child.id, SIGTERM);
  EXPECT_TRUE(wait_until([&] { return reap(node.child.id.pid) >= 0; }, 60'000)) << node.name;
  node.running = false;
}

HttpAnswer ClusterHouse::call(const Node& node, const std::string& method, const std::string& path, const std::string& body) {
  return http_.call({.method = method, .url = node.api + path, .body = body, .timeout_ms = 20'000});
}

json::value ClusterHouse::get(const Node& node, const std::string& path) {
  const HttpAnswer answer = call(node, "GET", path);
  auto document = parse_json(answer.body);
  return answer.status == 200 && document ? *document : json::value();
}

std::string ClusterHouse::node_of(const json::object& member) {
  const std::string name(member.at("name").as_string());
  for (const Node& node : nodes_)
    if (name.find("-" + std::to_string(node.child.id.pid) + "-") != std::string::npos) return node.name;
  return name;
}

std::map<std::string, std::map<int, std::int64_t>> ClusterHouse::partitions(const Node& node) {
  std::map<std::string, std::map<int, std::int64_t>> out;
  const json::value members = get(node, "/api/v1/members");
  if (!members.is_object()) return out;
  for (const json::value& member : members.at("items").as_array()) {
    if (!member.at("alive").as_bool()) continue;
    auto& owned = out[node_of(member.as_object())];
    for (const json::value& one : member.at("partitions").as_array())
      owned[one.at("partition").to_number<int>()] = one.at("term").to_number<std::int64_t>();
  }
  return out;
}

std::string ClusterHouse::holder(const Node& node, const std::string& lease) {
  const json::value members = get(node, "/api/v1/members");
  if (members.is_object())
    for (const json::value& member : members.at("items").as_array())
      for (const json::value& one : member.at("leases").as_array())
        if (one.at("name").as_string() == lease) return node_of(member.as_object());
  return {};
}

bool ClusterHouse::await_shares(const Node& node, const std::map<std::string, std::size_t>& shares, int deadline_ms) {
  return wait_until(
      [&] {
        std::map<std::string, std::size_t> now;
        for (const auto& [name, owned] : partitions(node)) now[name] = owned.size();
        return now == shares;
      },
      deadline_ms);
}

bool ClusterHouse::submit(const Node& node, int from, int count, const std::string& product) {
  bool all = true;
  for (int number = from; number < from + count; ++number) {
    const HttpAnswer answer = call(
        node, "POST", "/api/v1/orders",
        fmt::format(
            R"({{"source":"test","sourceOrderId":"T{0}","version":1,"accountId":"A-{1}",)"
            R"("requestedAt":"2026-03-01T10:00:00.{0:06}Z",)"
            R"("items":[{{"lineId":"1","parentLineId":null,"product":"{2}","action":"Add","quantity":1,"attributes":{{}}}}]}})",
            number, number % 40, product));
    EXPECT_TRUE(answer.ok()) << answer.status << " " << answer.body << answer.error;
    all = all && answer.ok();
  }
  return all;
}

bool ClusterHouse::await_activated(const Node& node, int from, int count, int deadline_ms) {
  std::set<int> open;
  for (int number = from; number < from + count; ++number) open.insert(number);
  const bool done = wait_until(
      [&] {
        std::erase_if(open, [&](int number) {
          return text_of(get(node, fmt::format("/api/v1/orders/T{}?source=test", number)), "state") == "Activated";
        });
        return open.empty();
      },
      deadline_ms);
  if (!done)
    ADD_FAILURE() << open.size() << " orders are open, the first T" << *open.begin() << ": "
                  << call(node, "GET", fmt::format("/api/v1/orders/T{}?source=test", *open.begin())).body;
  return done;
}

std::int64_t ClusterHouse::executed_twice(const std::string& interface) {
  return system_->get_json("/ledger/summary")
      .at("interfaces")
      .at(interface)
      .at("subjectsExecutedTwice")
      .to_number<std::int64_t>();
}

}  // namespace backstitch::servers
