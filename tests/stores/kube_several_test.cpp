// Several platforms beside one Kubernetes: one keeps the workers at a time, and all are found by them.
#include "base/time.h"
#include "kube_fixture.h"
#include "stores/workers/kubernetes/lease.h"

namespace backstitch::workers {
namespace {

TEST_F(KubeTest, OfTwoPlatformsOneKeepsThem) {
  KubernetesSettings settings = house->settings;
  settings.identity = "second";
  const auto second = house->open(settings);
  auto first = house->open();
  ASSERT_TRUE(comes_to(*first, two, "default/0 default/1"));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(second->keep({}).value());
  EXPECT_EQ(slots(*second), "default/0 default/1") << "it sees them, and leaves them";
  EXPECT_EQ(text_at(house->get(house->lease_path()), "/spec/holderIdentity"), "first");
  first.reset();
  EXPECT_TRUE(comes_to(*second, {}, "")) << "given back, it is taken at once";
  EXPECT_EQ(text_at(house->get(house->lease_path()), "/spec/holderIdentity"), "second");
}

TEST_F(KubeTest, ALeaseIsTakenWhenItsTimeIsOverAndNeverOnStaleKnowledge) {
  auto first = house->open();
  ASSERT_TRUE(comes_to(*first, two, "default/0 default/1"));
  const auto held = house->get(house->lease_path());
  KubernetesSettings settings = house->settings;
  settings.identity = "second";
  const auto second = house->open(settings);
  const std::int64_t begun_ms = monotonic_ms();
  ASSERT_TRUE(comes_to(*second, {{"default", 1, 4}}, "default/0")) << "the first one is silent";
  EXPECT_GE(monotonic_ms() - begun_ms, settings.lease_ms);
  EXPECT_EQ(text_at(house->get(house->lease_path()), "/spec/holderIdentity"), "second");
  EXPECT_EQ(number_at(house->get(house->lease_path()), "/spec/leaseTransitions"), 1);
  const auto stale = house->admin->call("PUT", house->lease_path(), write_json(held));
  EXPECT_EQ(stale.status, 409) << refusal(stale).text();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(first->keep({{"default", 3, 4}}).value());
  EXPECT_EQ(slots(*second), "default/0") << "who was silent has lost it";
}

TEST_F(KubeTest, WhoWasNotHeardActsNoMoreBeforeAnotherMay) {
  ApiServer api(house->settings);
  Lease lease(api, house->settings, "first");
  const std::int64_t begun_ms = monotonic_ms();
  ASSERT_TRUE(lease.hold().value());
  EXPECT_TRUE(lease.is_ours());
  ASSERT_TRUE(wait_until([&] { return !lease.is_ours(); }));
  EXPECT_GT(lease.left_ms(), 0) << "a call that it has begun ends within that";
  EXPECT_LT(monotonic_ms() - begun_ms, house->settings.lease_ms);
  EXPECT_TRUE(lease.hold().value()) << "nobody was there meanwhile";
}

TEST_F(KubeTest, WhoLooksTakesAllTheSame) {
  const auto workers = house->open();
  EXPECT_TRUE(wait_until([&] {  // as a round of the manager does
    static_cast<void>(workers->standing());
    static_cast<void>(workers->keep(two));
    return slots(*workers) == "default/0 default/1";
  }));
}

TEST_F(KubeTest, WhoOnlyLooksLearnsOfTheOthersAndTakesNothing) {
  KubernetesSettings settings = house->settings;
  settings.identity = "second";
  const auto first = house->open(), second = house->open(settings);
  const auto standing = [&] { return second->standing().value(); };
  EXPECT_FALSE(standing().ours || standing().others);
  ASSERT_TRUE(comes_to(*first, two, "default/0 default/1"));
  EXPECT_TRUE(first->standing().value().ours);
  EXPECT_TRUE(comes(*first, two, [&] { return standing().others; }));
  EXPECT_EQ(standing().counts, (std::map<std::string, int>{{"default", 2}}));
  EXPECT_TRUE(wait_until([&] { return !standing().others; })) << "it is silent";
  EXPECT_FALSE(standing().ours);
  EXPECT_EQ(text_at(house->get(house->lease_path()), "/spec/holderIdentity"), "first");
}

TEST_F(KubeTest, PodsOfSeveralProcessesAreToldWhoThereIs) {
  KubernetesSettings settings = house->settings;
  std::vector<std::string> brokers = {"http://10.0.0.1:8482"};
  settings.endpoints_url = "http://platform:8482", settings.brokers = [&] { return brokers; };
  const auto workers = house->open(settings);
  const auto told = [&] { return text_at(house->get(house->config_path()), "/data/endpoints.json"); };
  ASSERT_TRUE(comes_to(*workers, {{"default", 1, 4}}, "default/0"));
  EXPECT_EQ(told(), R"({"seed":"http://platform:8482","brokers":["http://10.0.0.1:8482"]})");
  const std::int64_t before = generation();
  brokers.emplace_back("http://10.0.0.2:8482");
  EXPECT_TRUE(comes(*workers, {{"default", 1, 4}}, [&] { return told().find("10.0.0.2") != std::string::npos; })) << told();
  EXPECT_EQ(generation(), before) << "no Pod is begun anew for that";
}

}  // namespace
}  // namespace backstitch::workers
