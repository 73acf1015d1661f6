// The platform with its workers on a real Kubernetes: orders, what somebody deletes, kills, a lane that lags behind, going back.
// There is no kubelet; a stand-in for it starts the real worker as the Pod says.
#include "base/files.h"
#include "base/time.h"
#include "going_back_world.h"
#include "kube_house.h"

namespace backstitch::servers {
namespace {

namespace json = boost::json;
using e2e::World;
using testing::wait_until;
using workers::text_at;
constexpr int patient_ms = 60'000;
constexpr const char* link_token = "a-token-of-workers";

class KubePlatform : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    house = std::make_unique<KubeHouse>(PLATFORM_PROGRAM);
    ASSERT_TRUE(write_file_durably(house->folder / "link", link_token));
    const json::object secret{{"metadata", json::object{{"name", "workers"}}},
                              {"stringData", json::object{{"token", link_token}}}};
    ASSERT_TRUE(house->admin->call("POST", house->admin->path_of("/api/v1", "secrets"), write_json(secret)).ok());
  }
  static void TearDownTestSuite() { house.reset(); }
  void SetUp() override { house->clear(); }

  static e2e::WorldSettings settings(const std::string& lane = "{count: 2, concurrency: 8}",
                                     std::vector<std::string> system = {}) {
    const int port = free_ports(1);
    e2e::WorldSettings out;
    out.listen =
        fmt::format("workers_port: {}, workers_address: 127.0.0.2, workers_token: 'file:{}'", port, house->folder / "link");
    out.config = fmt::format(
        "workers:\n  adapter: kubernetes\n  server: {}\n  token: 'file:{}'\n  ca_file: '{}'\n  image: backstitch/worker:1\n"
        "  platform_url: http://127.0.0.2:{}\n  link_secret: workers\n  lanes: {{default: {}}}\nbackup: {{full_every: 24h}}\n",
        house->server.address(), house->place("worker-manager.token"), house->place("ca.crt"), port, lane);
    out.system_arguments = std::move(system);
    return out;
  }
  static json::value list(World& world) { return world.get("/api/v1/workers"); }
  static bool are_right(World& world) {
    return wait_until(
        [&] {
          const json::value all = list(world);
          return all.is_object() && all.at("ok").as_bool();
        },
        patient_ms);
  }
  static std::set<std::string> names(World& world) {
    std::set<std::string> out;
    const json::value all = list(world);
    if (!all.is_object()) return {"no list: " + world.call("GET", "/api/v1/workers").body};
    for (const json::value& one : all.at("items").as_array()) out.insert(text_at(one, "/name"));
    return out;
  }
  static void order(World& world, int from, int count, const char* product = "LINE") {
    for (int number = from; number < from + count; ++number)
      ASSERT_TRUE(world.call("POST", "/api/v1/orders", e2e::order_text("T" + std::to_string(number), number, product)).ok());
  }
  static bool are_activated(World& world, int from, int count) {
    bool all = true;
    for (int number = from; number < from + count; ++number)
      all = all && world.await_state("T" + std::to_string(number), "Activated", patient_ms);
    return all;
  }
  static json::value deployment(std::size_t at = 0) { return house->get(house->deployment_path()).at("items").at(at); }
  static void expect_once_and_right(World& world) {
    for (const char* interface : {"keyed", "lookup", "blind"})
      EXPECT_EQ(e2e::executed_twice(world, interface), std::vector<std::string>{}) << interface;
    EXPECT_EQ(e2e::violations(world), std::vector<std::string>{});
  }

  static inline std::unique_ptr<KubeHouse> house;
};

TEST_F(KubePlatform, OrdersGoThroughAndADeletedLaneComesBack) {
  World world(settings());
  ASSERT_TRUE(world.start());
  ASSERT_TRUE(are_right(world)) << write_json(list(world));
  ASSERT_NO_FATAL_FAILURE(order(world, 1, 12));
  EXPECT_TRUE(are_activated(world, 1, 12));
  const std::string name = text_at(deployment(), "/metadata/name"), uid = text_at(deployment(), "/metadata/uid");
  EXPECT_EQ(name.substr(0, 16), "backstitch-main-");
  ASSERT_TRUE(house->admin->call("DELETE", house->deployment_path(name), R"({"propagationPolicy":"Background"})").ok());
  ASSERT_NO_FATAL_FAILURE(order(world, 13, 12));
  EXPECT_TRUE(wait_until(
      [&] { return house->count(house->deployment_path()) == 1 && text_at(deployment(), "/metadata/uid") != uid; }, patient_ms));
  EXPECT_TRUE(are_activated(world, 13, 12));
  EXPECT_TRUE(are_right(world)) << write_json(list(world));
  expect_once_and_right(world);
  const auto endpoints = parse_json(read_file(world.data() + "/run/endpoints.json").value()).value();
  for (const auto& [authorization, status] : {std::pair{"", 401}, {"Bearer another", 401}, {"Bearer a-token-of-workers", 200}}) {
    HttpCall call{.method = "POST", .url = text_at(endpoints, "/workers") + "/tasks:claim"};
    call.body = R"({"worker":"somebody","lane":"default","max":0,"waitMs":0})";
    call.headers = {{"Authorization", authorization}};
    EXPECT_EQ(HttpClient().call(call).status, status) << authorization;
  }
}

TEST_F(KubePlatform, AKilledOneBringsAllBackFromItsRowsAndDownEndsWhoIsInReach) {
  World world(settings());
  ASSERT_TRUE(world.start());
  ASSERT_TRUE(are_right(world)) << write_json(list(world));
  ASSERT_NO_FATAL_FAILURE(order(world, 1, 8));
  world.kill_platform();
  house->clear();  // and somebody removes everything meanwhile
  ASSERT_TRUE(world.start());
  EXPECT_TRUE(are_right(world)) << write_json(list(world));
  ASSERT_NO_FATAL_FAILURE(order(world, 9, 8));
  EXPECT_TRUE(are_activated(world, 1, 16));
  expect_once_and_right(world);
  world.kill_platform();
  EXPECT_EQ(house->count(house->deployment_path()), 1u) << "they outlive it";
  house->server.kill_hard();
  const auto blind = e2e::speak(world, {"down"});
  EXPECT_EQ(blind.exit_status, 0) << blind.err;
  const std::string said = write_json(blind.document);
  EXPECT_NE(said.find("workers may be left running"), std::string::npos) << said;
  const auto forgetting = e2e::speak(world, {"down", "--purge", "--yes"});
  EXPECT_EQ(forgetting.code(), "BS-4405") << "nobody would know what they are called: " << write_json(forgetting.document);
  ASSERT_TRUE(house->server.start_again());
  const auto down = e2e::speak(world, {"down"});
  EXPECT_EQ(down.exit_status, 0) << down.err;
  EXPECT_EQ(house->count(house->deployment_path()), 0u);
  EXPECT_EQ(house->count(house->pod_path()), 0u);
}

TEST_F(KubePlatform, TwoOfOneNameLeaveEachOthersWorkersAlone) {
  World one(settings()), other(settings());
  ASSERT_TRUE(one.start());
  ASSERT_TRUE(other.start());
  ASSERT_TRUE(are_right(one) && are_right(other)) << write_json(list(one)) << write_json(list(other));
  EXPECT_EQ(house->count(house->deployment_path()), 2u);
  const auto before = names(one);
  for (const std::string& name : names(other)) EXPECT_FALSE(before.contains(name)) << name;
  other.stop_platform();
  EXPECT_EQ(house->count(house->deployment_path()), 1u) << "who stops ends his own";
  EXPECT_EQ(names(one), before);
  ASSERT_NO_FATAL_FAILURE(order(one, 1, 4));
  EXPECT_TRUE(are_activated(one, 1, 4));
}

TEST_F(KubePlatform, ALaneThatLagsGetsMoreWorkers) {
  World world(settings("{count: 1, concurrency: 1, count_max: 3}", {"--lookup", "latency=300-500"}));
  ASSERT_TRUE(world.start());
  ASSERT_TRUE(are_right(world)) << write_json(list(world));
  EXPECT_EQ(names(world).size(), 1u);
  ASSERT_NO_FATAL_FAILURE(order(world, 1, 40, "PARCEL"));
  const auto lane = [&](const char* pointer) { return workers::number_at(list(world), std::string("/desired/0/") + pointer); };
  EXPECT_TRUE(wait_until([&] { return lane("wanted") == 3; }));
  EXPECT_TRUE(are_right(world)) << write_json(list(world));
  EXPECT_EQ(names(world).size(), 3u);
  EXPECT_EQ(lane("count"), 1) << "what is wished is what is configured";
  EXPECT_TRUE(are_activated(world, 1, 40));
  expect_once_and_right(world);
}

TEST_F(KubePlatform, GoingBackPutsThemToSleepNamesWhoMayStillLiveAndCloses) {
  World world(
      settings("{count: 2, concurrency: 8}", {"--keyed", "lost=0.05,error=0.02,latency=2-40", "--lookup",
                                              "lost=0.05,error=0.02,latency=2-40", "--blind", "error=0.02,latency=2-40"}));
  ASSERT_TRUE(world.start());
  ASSERT_EQ(e2e::speak(world, {"backup", "create"}).exit_status, 0);
  e2e::Submitter client(world, 2, 40);
  ASSERT_TRUE(wait_until([&] { return client.acknowledged() >= 40; }, patient_ms));
  e2e::write_past_the_engine(world, "batch", "update backstitch.orders set state = 'Activated' where state = 'InProgress'");
  ASSERT_TRUE(wait_until([&] { return client.acknowledged() >= 60; }, patient_ms));
  const std::string id = e2e::plan_recovery(world);
  const auto ghosts = names(world);
  house->kubelet->lose_node(true);
  world.kill_platform();
  const auto recovered = e2e::go_back(world, id);
  ASSERT_EQ(recovered.exit_status, 0) << e2e::faults_of(world, id) << recovered.err;
  std::set<std::string> listed;
  const json::value freeze = e2e::result_of(world, id, "freeze");
  for (const json::value& ghost : freeze.at("ghosts").as_array())
    listed.insert(std::string(ghost.as_string()).substr(7));  // "worker NAME"
  EXPECT_EQ(listed, ghosts);
  EXPECT_EQ(house->count(house->deployment_path()), 0u) << "nobody starts others while it goes back";
  ASSERT_TRUE(world.start());
  house->kubelet->lose_node(false);  // the node is back, and ends who had to go
  EXPECT_TRUE(wait_until(
      [&] {
        const auto now = names(world);
        return std::none_of(now.begin(), now.end(), [&](const std::string& name) { return ghosts.contains(name); });
      },
      patient_ms))
      << write_json(list(world));
  EXPECT_TRUE(are_right(world)) << write_json(list(world));
  e2e::await_rest(world, client);
  e2e::expect_proven_outside(world, client);
}

}  // namespace
}  // namespace backstitch::servers
