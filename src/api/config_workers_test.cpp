#include "api/config_workers.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "api/testing.h"

namespace backstitch {
namespace {

class WorkersConfigTest : public ConfigFixture {
 protected:
  /// With everything that Kubernetes needs, and these lines of `workers` and in front of it.
  static std::string kubernetes(const std::string& more = {}, const std::string& before = {}) {
    return before +
           "workers:\n  adapter: kubernetes\n  server: https://10.0.0.1:6443\n  image: backstitch:1\n  token: 'file:/t'\n"
           "  platform_url: http://platform:8482\n" +
           more;
  }
};

TEST_F(WorkersConfigTest, ThePortOfTheWorkersIsOfThisMachineAlone) {
  const auto config = load("");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->workers_address, "127.0.0.1");
  EXPECT_EQ(config->workers_adapter, "process");
  EXPECT_EQ(config->lanes.at("default").count_max, 0);
}

TEST_F(WorkersConfigTest, OthersReachItOnlyWithASecret) {
  for (const char* address : {"0.0.0.0", "10.1.2.3"}) {
    EXPECT_EQ(refused_in(fmt::format("listen: {{workers_address: {}}}\n", address)), "listen.workers_address");
    EXPECT_EQ(refused_in(fmt::format("listen: {{workers_address: {}, workers_token: 'env:X'}}\n", address)), "");
  }
  EXPECT_EQ(refused_in("listen: {workers_address: 127.0.0.2}\n"), "");
  EXPECT_EQ(refused_in("listen: {workers_address: platform.example.org, workers_token: 'env:X'}\n"), "listen.workers_address");
}

TEST_F(WorkersConfigTest, ASecretStandsInNoConfiguration) {
  EXPECT_EQ(refused_in("listen: {workers_token: hunter2}\n"), "listen.workers_token");
  EXPECT_EQ(refused_in("workers: {token: hunter2}\n"), "workers.token");
}

TEST_F(WorkersConfigTest, KubernetesSaysAllThatItNeeds) {
  EXPECT_EQ(refused_in(kubernetes()), "");
  EXPECT_EQ(refused_in("workers: {adapter: kubernetes}\n"), "workers.server workers.image workers.token workers.platform_url");
  EXPECT_EQ(refused_in(kubernetes("  link_secret: workers\n")), "workers.link_secret");
  EXPECT_EQ(refused_in(kubernetes("", "listen: {workers_token: 'env:X'}\n")), "workers.link_secret");
  EXPECT_EQ(refused_in(kubernetes("  link_secret: workers\n", "listen: {workers_token: 'env:X'}\n")), "");
  EXPECT_EQ(refused_in(kubernetes("  namespace: My_Space\n")), "workers.namespace");
  EXPECT_EQ(refused_in(kubernetes("  lanes: {slow_lane: {count: 1}}\n")), "workers.lanes");
  EXPECT_EQ(refused_in(kubernetes("", "instance: the-platform-of-the-north\n")), "instance");
}

TEST_F(WorkersConfigTest, OfSeveralProcessesEachIsReachedByPods) {
  const std::string several = "database: {adapter: external, url: 'env:X'}\nqueue: {adapter: kafka, brokers: 'a:1'}\n";
  EXPECT_EQ(refused_in(kubernetes("", several)), "listen.workers_address") << "127.0.0.1 would be each Pod itself";
  const auto at = [&](const char* address) {
    return several + fmt::format("listen: {{workers_address: {}, workers_token: 'env:X'}}\n", address);
  };
  EXPECT_EQ(refused_in(kubernetes("  link_secret: workers\n", at("0.0.0.0"))), "listen.workers_address");
  EXPECT_EQ(refused_in(kubernetes("  link_secret: workers\n", at("10.1.2.3"))), "");
  EXPECT_EQ(refused_in(kubernetes("  link_secret: workers\n  platform_url: ''\n", at("10.1.2.3"))), "");
}

TEST_F(WorkersConfigTest, ALaneHasAMostOrNone) {
  EXPECT_EQ(refused_in("workers: {lanes: {a: {count: 3, count_max: 2}}}\n"), "workers.lanes");
  EXPECT_EQ(refused_in("workers: {lanes: {a: {count: 3, count_max: 65}}}\n"), "workers.lanes");
  EXPECT_EQ(load("workers: {lanes: {a: {count: 3, count_max: 3}, b: {count: 0, count_max: 1}}}\n")->lanes.at("b").count_max, 1);
}

TEST_F(WorkersConfigTest, IsReadBackAsItIs) {
  const auto first =
      load(kubernetes("  namespace: orders\n  ca_file: /ca\n  link_secret: link\n  lanes: {a: {count: 1, count_max: 4}}\n"
                      "  implementations: {price: [sh, -c, 'echo 1']}\n",
                      "listen: {workers_address: 0.0.0.0, workers_token: 'file:/link'}\n"));
  ASSERT_TRUE(first) << first.error().text();
  const std::string yaml = config_yaml(*first);
  const auto second = load(yaml);
  ASSERT_TRUE(second) << second.error().text() << yaml;
  EXPECT_EQ(config_yaml(*second), yaml);
  EXPECT_EQ(second->workers_namespace, "orders");
  EXPECT_EQ(second->workers_kube_token, "file:/t");
  EXPECT_EQ(second->workers_link_secret, "link");
  EXPECT_EQ(second->workers_token, "file:/link");
  EXPECT_EQ(second->lanes.at("a").count_max, 4);
  const auto far_away = load(workers_part_yaml(*first));  // all that a Pod is told
  ASSERT_TRUE(far_away) << far_away.error().text();
  EXPECT_EQ(far_away->implementations, first->implementations);
  EXPECT_EQ(workers_part_yaml(*first).find("file:"), std::string::npos) << workers_part_yaml(*first);
  EXPECT_EQ(workers_part_yaml(*load(kubernetes())), "");
}

}  // namespace
}  // namespace backstitch
