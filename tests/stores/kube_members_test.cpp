// Several platforms that are one instance, with their workers on a real Kubernetes: whoever of them dies, pauses, comes or
// leaves, the Pods stay as they are and find those that are there. The stand-in for the kubelet never brings a changed ConfigMap
// into a Pod, which is later than any real one.
#include "base/time.h"
#include "cluster_house.h"
#include "harness/tcp_gate.h"
#include "kube_house.h"

namespace backstitch::servers {
namespace {

namespace json = boost::json;
using testing::wait_until;
using workers::number_at;
using workers::text_at;
using Shares = std::map<std::string, std::size_t>;
constexpr int patient_ms = 60'000;
constexpr std::int64_t silent_ms = 5'000, move_ms_max = 10'000;  // member.silent_after; then somebody else keeps the workers
constexpr std::size_t rounds_max = 4, concurrency = 8;           // so many times that may wait for a worker

class KubeMembers : public ::testing::Test {
 protected:
  KubeMembers()
      : house(fmt::format("{{adapter: kubernetes, server: '{}', token: 'file:{}', ca_file: '{}', image: 'backstitch/worker:1', "
                          "lanes: {{default: {{count: 2, concurrency: {}, count_max: 6}}}}}}",
                          kube->server.address(), kube->place("worker-manager.token"), kube->place("ca.crt"), concurrency)),
        gate(house.postgres.server.port()) {
    EXPECT_TRUE(write_file_durably(house.folder_of("gate"),
                                   fmt::format("postgresql://backstitch:backstitch@127.0.0.1:{}/backstitch\n", gate.port())));
  }

  static void SetUpTestSuite() { kube = std::make_unique<KubeHouse>(PLATFORM_PROGRAM); }
  static void TearDownTestSuite() { kube.reset(); }
  void SetUp() override { kube->clear(); }

  ClusterHouse::Node& start(const std::string& name, const std::string& address,
                            std::vector<std::pair<std::string, std::string>> env = {}) {
    env.emplace_back("BACKSTITCH_LISTEN__WORKERS_ADDRESS", address);
    return house.start(name, {}, env);
  }
  /// Its PostgreSQL is its own, and the others reach it there, as folder_of("members") says.
  ClusterHouse::Node& start_with_database(const std::string& name, const std::string& address) {
    EXPECT_TRUE(write_file_durably(house.folder_of("password"), "backstitch"));
    EXPECT_TRUE(
        write_file_durably(house.folder_of("members"), "postgresql://backstitch_member:backstitch@127.0.0.5:5432/postgres\n"));
    const std::string of_others = read_file(house.folder_of("node.yaml")).value(), begin = "listen: {", key = "database: ";
    std::string own = of_others;
    const auto at = own.find(key);
    own.replace(at, own.find('\n', at) - at,
                fmt::format("database: {{listen: 127.0.0.5, password: 'file:{}'}}", house.folder_of("password")));
    own.replace(own.find(begin), begin.size(), fmt::format("listen: {{address: 127.0.0.5, workers_address: {}, ", address));
    EXPECT_TRUE(write_file_durably(house.folder_of("node.yaml"), own));
    ClusterHouse::Node& node = house.start(name);
    EXPECT_TRUE(write_file_durably(house.folder_of("node.yaml"), of_others));
    EXPECT_TRUE(write_file_durably(node.data + "/backstitch.yaml", own));
    return node;
  }
  static json::value speak(const ClusterHouse::Node& node, std::vector<std::string> words) {
    words.insert(words.begin(), {PLATFORM_PROGRAM, "--data", node.data, "--json"});
    const auto done = run({.argv = std::move(words)}, 300'000);
    EXPECT_TRUE(done && done->exit_status == 0) << (done ? done->out + done->err : done.error().text());
    const auto document = done ? parse_json(done->out) : fail(done.error());
    return document && document->is_object() && document->at("ok").as_bool() ? document->at("data") : json::value();
  }
  static void write_past_the_engine(const ClusterHouse::Node& node) {
    const auto endpoints = parse_json(read_file(node.data + "/run/endpoints.json").value()).value();
    const std::string own = text_at(endpoints, "/postgres");
    const std::string other = own.substr(0, own.find(' ')) + " dbname=postgres user=batch";
    for (const auto& [who, sql] :
         {std::pair{own, "create role batch superuser login"}, {other, "update backstitch.orders set state = 'Activated'"}}) {
      const auto done = run({.argv = {"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", who, "-c", sql}}, 30'000);
      EXPECT_TRUE(done && done->exit_status == 0) << (done ? done->err : done.error().text());
    }
  }
  /// Who keeps the workers, as Kubernetes knows it.
  bool leads(const ClusterHouse::Node& node) const {
    const json::value all = kube->get(kube->admin->path_of("/apis/coordination.k8s.io/v1", "leases"));
    const json::array& leases = all.at("items").as_array();
    return !leases.empty() &&
           text_at(leases[0], "/spec/holderIdentity").find(fmt::format("-{}-", node.child.id.pid)) != std::string::npos;
  }
  /// Which life and which version it is, and how many Pods it wishes.
  std::string deployment() const {
    const json::value all = kube->get(kube->deployment_path());
    const json::array& items = all.at("items").as_array();
    if (items.size() != 1) return fmt::format("{} deployments", items.size());
    return fmt::format("{} generation {} replicas {}", text_at(items[0], "/metadata/uid"),
                       number_at(items[0], "/metadata/generation"), number_at(items[0], "/spec/replicas"));
  }
  std::size_t replicas() const {
    const json::value all = kube->get(kube->deployment_path());
    const json::array& items = all.at("items").as_array();
    return items.empty() ? 0 : static_cast<std::size_t>(number_at(items[0], "/spec/replicas"));
  }
  std::set<std::string> pods() const {
    std::set<std::string> out;
    const json::value all = kube->get(kube->pod_path());
    for (const json::value& pod : all.at("items").as_array())
      out.insert(text_at(pod, "/metadata/name") + "-" + text_at(pod, "/metadata/uid"));
    return out;
  }
  bool are_right(const ClusterHouse::Node& node) {
    return wait_until(
        [&] {
          const json::value all = house.get(node, "/api/v1/workers");
          return all.is_object() && all.at("ok").as_bool();
        },
        patient_ms);
  }
  std::size_t waiting(const ClusterHouse::Node& node) const {
    const auto endpoints = parse_json(read_file(node.data + "/run/endpoints.json").value_or("")).value();
    const HttpAnswer answer =
        HttpClient().call({.method = "POST", .url = text_at(endpoints, "/workers") + "/tasks:depth", .body = "{}"});
    return answer.ok() ? static_cast<std::size_t>(number_at(parse_json(answer.body).value(), "/waiting/default")) : 0;
  }
  int submitted(const ClusterHouse::Node& node, int count) {
    const int from = std::exchange(next_order, next_order + count);
    EXPECT_TRUE(house.submit(node, from, count));
    return from;
  }
  bool all_activated(const ClusterHouse::Node& node) { return house.await_activated(node, 1, next_order - 1, patient_ms); }

  void more_workers_for_what_waits_everywhere(const ClusterHouse::Node& a, const ClusterHouse::Node& b);
  void the_dead_one_is_followed(ClusterHouse::Node& dead, const ClusterHouse::Node& next);
  void a_killed_worker_is_replaced(const ClusterHouse::Node& node);
  void one_that_is_cut_off_is_followed(const ClusterHouse::Node& cut_off, const ClusterHouse::Node& next);

  static inline std::unique_ptr<KubeHouse> kube;
  ClusterHouse house;
  testing::TcpGate gate;  // between one of them and PostgreSQL
  int next_order = 1;
};

// Nobody works meanwhile, but for claims that the dead ones had left open: each broker has some, and it is the sum that counts.
void KubeMembers::more_workers_for_what_waits_everywhere(const ClusterHouse::Node& a, const ClusterHouse::Node& b) {
  kube->kubelet->lose_node(true);
  for (const std::string& worker : pods()) ASSERT_TRUE(kube->kubelet->kill(worker));
  submitted(a, 96);
  const auto for_all = [](std::size_t tasks) { return (tasks + rounds_max * concurrency - 1) / (rounds_max * concurrency); };
  std::size_t here = 0, there = 0;
  EXPECT_TRUE(wait_until([&] {
    here = waiting(a), there = waiting(b);
    return here + there >= 80 && replicas() == for_all(here + there);
  })) << here
      << " and " << there << ": " << deployment();
  EXPECT_GT(for_all(here + there), std::max(for_all(here), for_all(there))) << "this shows nothing";
  kube->kubelet->lose_node(false);
  EXPECT_TRUE(all_activated(b));
  EXPECT_TRUE(wait_until([&] { return pods().size() == replicas(); }, patient_ms)) << deployment();
}

void KubeMembers::the_dead_one_is_followed(ClusterHouse::Node& dead, const ClusterHouse::Node& next) {
  const std::string made = deployment();
  const auto before = pods();
  ASSERT_TRUE(leads(dead));
  submitted(next, 60);
  house.kill_hard(dead);
  const std::int64_t killed_ms = monotonic_ms();
  ASSERT_TRUE(wait_until([&] { return leads(next); }, patient_ms));
  const std::int64_t moved_ms = monotonic_ms() - killed_ms;
  fmt::print("the workers are kept again after {} ms\n", moved_ms);
  EXPECT_LE(moved_ms, move_ms_max);
  submitted(next, 20);
  EXPECT_TRUE(all_activated(next));
  EXPECT_TRUE(are_right(next)) << house.call(next, "GET", "/api/v1/workers").body;
  EXPECT_EQ(deployment(), made);
  EXPECT_EQ(pods(), before);
}

void KubeMembers::a_killed_worker_is_replaced(const ClusterHouse::Node& node) {
  const std::string made = deployment(), worker = *pods().begin();
  submitted(node, 40);
  ASSERT_TRUE(kube->kubelet->kill(worker));
  EXPECT_TRUE(all_activated(node)) << "what it held is for others";
  EXPECT_TRUE(wait_until([&] { return !pods().contains(worker) && pods().size() == replicas(); }, patient_ms));
  EXPECT_EQ(deployment(), made);
}

// It reaches Kubernetes and its Pods as before, but what is wished is not for it to say any more.
void KubeMembers::one_that_is_cut_off_is_followed(const ClusterHouse::Node& cut_off, const ClusterHouse::Node& next) {
  const std::string made = deployment();
  ASSERT_TRUE(leads(cut_off));
  gate.refuse();
  ASSERT_TRUE(house.await_shares(next, Shares{{next.name, 8}}));
  ASSERT_TRUE(wait_until([&] { return leads(next); }, patient_ms));
  submitted(next, 20);
  EXPECT_TRUE(all_activated(next)) << "by Pods that were begun when it was not there";
  gate.pass();
  ASSERT_TRUE(house.await_shares(next, Shares{{cut_off.name, 4}, {next.name, 4}}));
  EXPECT_TRUE(leads(next));
  EXPECT_EQ(deployment(), made);
}

TEST_F(KubeMembers, WhoeverDiesComesLeavesOrIsCutOffThePodsGoOn) {
  ClusterHouse::Node& a = start("a", "127.0.0.2");
  ASSERT_TRUE(are_right(a)) << house.call(a, "GET", "/api/v1/workers").body;
  ClusterHouse::Node& b = start("b", "127.0.0.3", {{"BACKSTITCH_DATABASE__URL", "file:" + house.folder_of("gate")}});
  ASSERT_TRUE(house.await_shares(b, Shares{{"a", 4}, {"b", 4}}));
  ASSERT_NO_FATAL_FAILURE(more_workers_for_what_waits_everywhere(a, b));
  ASSERT_NO_FATAL_FAILURE(the_dead_one_is_followed(a, b));
  ASSERT_NO_FATAL_FAILURE(a_killed_worker_is_replaced(b));
  ClusterHouse::Node& c = start("c", "127.0.0.4");
  ASSERT_TRUE(house.await_shares(c, Shares{{"b", 4}, {"c", 4}}));
  ASSERT_NO_FATAL_FAILURE(one_that_is_cut_off_is_followed(b, c));
  const auto before = pods();
  house.stop(c);
  EXPECT_TRUE(wait_until([&] { return leads(b); }, static_cast<int>(silent_ms))) << "it gave them back";
  submitted(b, 20);
  EXPECT_TRUE(all_activated(b));
  EXPECT_EQ(pods(), before) << "they are the instance's, not of one that leaves";
  for (const char* interface : {"keyed", "lookup", "blind"}) EXPECT_EQ(house.executed_twice(interface), 0) << interface;
  house.stop(b);
  EXPECT_EQ(kube->count(kube->deployment_path()), 0u) << "the last one ends them";
  EXPECT_EQ(kube->count(kube->pod_path()), 0u);
}

// All leave, Pods included; they come back in the new epoch, and none of the Pods of before is among them.
TEST_F(KubeMembers, TheyGoBackWhereTheDatabaseIs) {
  ClusterHouse::Node& a = start_with_database("a", "127.0.0.2");
  ClusterHouse::Node& b = start("b", "127.0.0.3", {{"BACKSTITCH_DATABASE__URL", "file:" + house.folder_of("members")}});
  ASSERT_TRUE(house.await_shares(b, Shares{{"a", 4}, {"b", 4}}));
  ASSERT_TRUE(are_right(b)) << house.call(b, "GET", "/api/v1/workers").body;
  ASSERT_TRUE(speak(a, {"backup", "create"}).is_object());
  submitted(b, 60);
  write_past_the_engine(a);
  submitted(b, 30);
  const std::string id = text_at(speak(a, {"recover", "plan", "--cause", "the job is removed"}), "/plan/id");
  const auto before = pods();
  const json::value report = speak(a, {"recover", "start", id, "--yes"});
  ASSERT_TRUE(report.is_object() && report.at("closed").as_bool()) << write_json(report);
  a.running = false;  // another process serves there
  ASSERT_TRUE(wait_until(
      [&] {
        b.api = text_at(parse_json(read_file(b.data + "/run/endpoints.json").value_or("{}")).value(), "/api");
        return house.call(b, "GET", "/api/v1/members").ok();
      },
      patient_ms));
  EXPECT_TRUE(all_activated(b));
  EXPECT_TRUE(are_right(b)) << house.call(b, "GET", "/api/v1/workers").body;
  for (const std::string& pod : pods()) EXPECT_FALSE(before.contains(pod)) << pod;
  for (const char* interface : {"keyed", "lookup", "blind"}) EXPECT_EQ(house.executed_twice(interface), 0) << interface;
  house.stop(b);
  ASSERT_TRUE(speak(a, {"down"}).is_object());
  EXPECT_EQ(kube->count(kube->pod_path()), 0u);
}

}  // namespace
}  // namespace backstitch::servers
