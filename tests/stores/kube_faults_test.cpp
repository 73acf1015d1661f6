// Workers on a real Kubernetes that answers late, half, or not at all: through a gate before its API server.
#include "harness/tcp_gate.h"
#include "kube_house.h"
#include "stores/workers/kubernetes/watch.h"

namespace backstitch::workers {
namespace {

using servers::KubeHouse;
using testing::TcpGate;
using testing::wait_until;
constexpr int patient_ms = 30'000;
constexpr const char* lane_name = "backstitch-one-default";
const std::vector<Lane> one = {{"default", 1, 4}}, two = {{"default", 2, 4}};

class KubeFaults : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house = std::make_unique<KubeHouse>(); }
  static void TearDownTestSuite() { house.reset(); }
  KubeFaults() : gate(house->server.port()) {
    house->clear();
    settings = house->settings;
    settings.server = "https://127.0.0.1:" + std::to_string(gate.port());
    settings.timeout_ms = 1'000, settings.lease_ms = 30'000;
  }
  static std::string slots(Workers& workers) { return servers::slots_of(workers); }
  static bool comes_to(Workers& workers, const std::vector<Lane>& wish, const std::string& wanted) {
    return wait_until([&] { return static_cast<void>(workers.keep(wish)), slots(workers) == wanted; }, patient_ms);
  }
  static std::int64_t of_lane(const char* pointer) { return number_at(house->get(house->deployment_path(lane_name)), pointer); }

  static inline std::unique_ptr<KubeHouse> house;
  TcpGate gate;
  KubernetesSettings settings;
};

TEST_F(KubeFaults, AWatchThatIsCutOffGoesOnWhereItWas) {
  const auto workers = house->open(settings);
  ASSERT_TRUE(comes_to(*workers, two, "default/0 default/1"));
  ApiServer api(settings);
  const Watch watch(api, house->pod_path() + "?" + selector_of(settings));
  ASSERT_EQ(watch.all(patient_ms).value().size(), 2u);
  for (const int count : {3, 1, 2}) {
    gate.close_connections();
    ASSERT_TRUE(wait_until(
        [&] {
          static_cast<void>(workers->keep({{"default", count, 4}}));
          const auto all = watch.all(0);
          return all && all->size() == static_cast<std::size_t>(count);
        },
        patient_ms));
  }
  EXPECT_EQ(watch.lists(), 1) << "nothing had to be listed anew";
  EXPECT_TRUE(comes_to(*workers, two, "default/0 default/1")) << slots(*workers);
}

TEST_F(KubeFaults, WhatIsWrittenAndNotAnsweredIsWrittenOnce) {
  const auto workers = house->open(settings);
  ASSERT_TRUE(comes_to(*workers, one, "default/0"));
  const std::string stays = workers->running()->front().name;
  gate.lose_replies();
  std::string said;
  EXPECT_TRUE(wait_until(
      [&] {
        if (const auto kept = workers->keep(two); !kept) said = kept.error().text();
        return of_lane("/spec/replicas") == 2;
      },
      patient_ms));
  EXPECT_NE(said.find("BS-4405"), std::string::npos) << said;
  gate.pass();
  EXPECT_TRUE(comes_to(*workers, two, "default/0 default/1")) << slots(*workers);
  EXPECT_EQ(of_lane("/metadata/generation"), 2);
  EXPECT_EQ(workers->running()->front().name, stays);
}

TEST_F(KubeFaults, WhileNobodyAnswersNothingIsKnownAndNobodyIsTakenForDead) {
  settings.lease_ms = 2'000;
  const auto workers = house->open(settings);
  ASSERT_TRUE(comes_to(*workers, two, "default/0 default/1"));
  const auto before = workers->running().value();
  gate.refuse();
  ASSERT_TRUE(house->kubelet->kill(before.front().name));
  EXPECT_TRUE(wait_until([&] { return !workers->running() && !workers->keep(two); }, patient_ms)) << "it looks as if it answered";
  for (const Running& worker : before) EXPECT_TRUE(workers->alive(worker.name));
  gate.pass();
  EXPECT_TRUE(
      wait_until([&] { return static_cast<void>(workers->keep(two)), !workers->alive(before.front().name); }, patient_ms));
  EXPECT_TRUE(comes_to(*workers, two, "default/0 default/1")) << slots(*workers);
  EXPECT_TRUE(workers->alive(before.back().name));
}

TEST_F(KubeFaults, AServerFarAwayIsSlowAndNothingElse) {
  gate.delay(80);
  const auto workers = house->open(settings);
  ASSERT_TRUE(comes_to(*workers, two, "default/0 default/1")) << slots(*workers);
  ASSERT_TRUE(workers->end("default/0", 5'000));
  EXPECT_TRUE(comes_to(*workers, two, "default/0 default/1")) << slots(*workers);
}

TEST_F(KubeFaults, HalfAnAnswerIsNone) {
  const auto workers = house->open(settings);
  ASSERT_TRUE(comes_to(*workers, one, "default/0"));
  int taken = 0;
  for (const std::int64_t bytes : {0, 100, 1'500}) {  // at the first word, in the greeting, in the certificate
    bytes == 0 ? gate.close_at_replies(4) : gate.cut_replies(bytes, 4);
    gate.close_connections();
    for (const auto& [wish, expected] : {std::pair{two, "default/0 default/1"}, std::pair{one, "default/0"}})
      EXPECT_TRUE(comes_to(*workers, wish, expected)) << bytes << " " << slots(*workers);
    EXPECT_GT(gate.replies_taken(), taken) << bytes;
    taken = gate.replies_taken();
  }
  gate.pass();
  EXPECT_TRUE(comes_to(*workers, two, "default/0 default/1")) << slots(*workers);
}

}  // namespace
}  // namespace backstitch::workers
