// Workers on a real Kubernetes: the contract of machines that keep lanes, and what the API server says and does to us.
#include "kube_fixture.h"
#include "services/worker_manager/worker_manager.h"
#include "stores/workers/kubernetes/watch.h"
#include "stores/workers/process/child_testing.h"

namespace backstitch::workers {
namespace {

TEST_P(KubeTest, KeepsTheContract) {
  KubeLanes lanes(*house);
  EXPECT_EQ(GetParam().run(lanes), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, KubeTest, ::testing::ValuesIn(contract::lanes_cases()),
                         [](const auto& with) { return with.param.name; });

TEST_F(KubeTest, TheSameWishIsAppliedAgainWithoutAChange) {
  auto workers = house->open();
  ASSERT_TRUE(comes_to(*workers, two, "default/0 default/1"));
  EXPECT_EQ(generation(), 1);
  workers.reset();
  workers = house->open();
  ASSERT_TRUE(comes_to(*workers, two, "default/0 default/1"));
  EXPECT_EQ(generation(), 1);
  ASSERT_TRUE(comes_to(*workers, {{"default", 1, 4}}, "default/0"));
  EXPECT_EQ(generation(), 2) << "this shows that a change would be seen";
}

TEST_F(KubeTest, APodCarriesItsNameAndWhereThePlatformIs) {
  const auto workers = house->open();
  ASSERT_TRUE(comes_to(*workers, {{"default", 1, 4}}, "default/0"));
  const auto pod = house->get(house->pod_path()).at("items").at(0);
  EXPECT_EQ(workers->running()->front().name, text_at(pod, "/metadata/name") + "-" + text_at(pod, "/metadata/uid"));
  EXPECT_EQ(text_at(pod, "/spec/containers/0/env/2/value"), "$(POD_NAME)-$(POD_UID)");
  EXPECT_EQ(text_at(pod, "/spec/serviceAccountName"), "worker");
  EXPECT_EQ(text_at(house->get(house->config_path()), "/data/endpoints.json"), R"({"workers":"http://127.0.0.1:1/api"})");
}

TEST_F(KubeTest, AFieldThatSomebodyElseHoldsIsNamedAndTheRestIsKept) {
  const auto workers = house->open();
  ASSERT_TRUE(comes_to(*workers, {{"default", 1, 4}}, "default/0"));
  const std::string theirs = fmt::format(
      R"({{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"{}"}},"spec":{{"replicas":3}}}})", lane_name);
  ASSERT_TRUE(
      house->admin->call("PATCH", house->deployment_path(lane_name) + "?fieldManager=someone&force=true", theirs, apply_type)
          .ok());
  EXPECT_EQ(contains(refusal_of(*workers, two), {"BS-4405", "409 Conflict", "someone", ".spec.replicas"}), "");
  EXPECT_TRUE(comes(*workers, {{"default", 2, 4}, {"slow-lane", 1, 4}}, [&] {
    return slots(*workers) == "default/0 default/1 default/2 slow-lane/0";
  })) << slots(*workers);
}

TEST_F(KubeTest, WhatCannotBeIsNamedWithItsField) {
  KubernetesSettings settings = house->settings;
  settings.env = {{"no=name", "x"}};
  EXPECT_EQ(contains(refusal_of(*house->open(settings), two),
                     {"BS-4405", "422 Invalid", "spec.template.spec.containers[0].env[3].name"}),
            "");
  EXPECT_EQ(contains(refusal_of(*house->open(), {{"No_Lane", 1, 4}}), {"BS-4405", "No_Lane"}), "");
  settings = house->settings, settings.image.clear();
  EXPECT_EQ(contains(refusal_of(*house->open(settings), two), {"BS-1002", "workers.image"}), "");
}

TEST_F(KubeTest, WhatWasDeletedComesBackAndWhatShouldNotBeGoes) {
  const auto workers = house->open();
  ASSERT_TRUE(comes_to(*workers, two, "default/0 default/1"));
  const std::string before = text_at(house->get(house->deployment_path(lane_name)), "/metadata/uid");
  ASSERT_TRUE(house->admin->call("DELETE", house->deployment_path(lane_name), R"({"propagationPolicy":"Background"})").ok());
  EXPECT_TRUE(comes(*workers, two, [&] {
    const std::string uid = text_at(house->get(house->deployment_path(lane_name)), "/metadata/uid");
    return !uid.empty() && uid != before && slots(*workers) == "default/0 default/1";
  }));
  KubernetesSettings neighbour = house->settings;
  neighbour.instance = "two";
  const auto other = house->open(neighbour);
  ASSERT_TRUE(comes_to(*other, {{"default", 1, 4}}, "default/0"));
  const std::string stray = deployment_document(house->settings, {"stray", 1, 4});
  ASSERT_TRUE(house->admin->call("POST", house->deployment_path(), stray).ok());
  ASSERT_TRUE(house->admin->get(house->deployment_path("backstitch-one-stray")).ok());
  EXPECT_TRUE(comes(*workers, two, [&] {
    return house->admin->get(house->deployment_path("backstitch-one-stray")).status == 404 &&
           slots(*workers) == "default/0 default/1";
  }));
  EXPECT_EQ(slots(*other), "default/0") << "another instance's";
}

TEST_F(KubeTest, AWrongTokenAndAnotherNamespaceAreRefusedInWords) {
  KubernetesSettings settings = house->settings;
  settings.token_file = house->folder / "bad.token";
  ASSERT_TRUE(write_file_durably(settings.token_file, "nobody"));
  auto workers = house->open(settings);
  EXPECT_EQ(contains(refusal_of(*workers, two), {"BS-4405", "401 Unauthorized"}), "");
  EXPECT_EQ(contains(slots(*workers), {"BS-4405", "401 Unauthorized"}), "");
  ASSERT_TRUE(write_file_durably(settings.token_file, read_file(house->settings.token_file).value()));
  EXPECT_TRUE(comes_to(*workers, two, "default/0 default/1")) << "a token that was renewed counts: " << slots(*workers);
  settings = house->settings, settings.namespace_name = "default";
  EXPECT_EQ(contains(refusal_of(*house->open(settings), two), {"BS-4405", "403 Forbidden", "worker-manager"}), "");
  settings = house->settings, settings.ca_file = "/etc/ssl/certs/ca-certificates.crt";
  EXPECT_EQ(contains(refusal_of(*house->open(settings), two), {"BS-4405", "certificate"}), "");
}

TEST_F(KubeTest, AServerThatForgotIsListedAnew) {
  ApiServer api(house->admin_settings);
  const auto workers = house->open();
  ASSERT_TRUE(comes_to(*workers, two, "default/0 default/1"));
  const auto before = workers->running().value();
  Watch watch(api, house->pod_path() + "?" + selector_of(house->settings));
  ASSERT_EQ(watch.all(patient_ms).value().size(), 2u);
  house->server.kill_hard();
  EXPECT_TRUE(wait_until([&] { return !watch.all(0) && !workers->running(); }, patient_ms)) << "what is not told is not known";
  for (const Running& worker : before) EXPECT_TRUE(workers->alive(worker.name)) << "and nobody is taken for dead";
  ASSERT_TRUE(house->server.start_again());
  EXPECT_TRUE(wait_until([&] { return watch.all(0).has_value(); }, patient_ms));
  EXPECT_TRUE(comes_to(*workers, two, "default/0 default/1")) << slots(*workers);

  const int lists = watch.lists();  // a restart alone may make an API server forget, too; now etcd does for sure
  ASSERT_TRUE(house->admin->call("POST", house->deployment_path(), deployment_document(house->settings, {"other", 1, 4})).ok());
  house->compact();
  house->server.kill_hard();
  ASSERT_TRUE(house->server.start_again());
  EXPECT_TRUE(wait_until([&] { return watch.lists() > lists && watch.all(0); }, patient_ms));
  EXPECT_TRUE(comes_to(*workers, two, "default/0 default/1")) << "what should not be goes: " << slots(*workers);
}

TEST_F(KubeTest, TheManagerBringsAllBackFromItsRows) {
  std::vector<database::Database::DesiredWorker> rows = {{"default", 2, 4}, {"slow-lane", 1, 1}};
  std::set<std::string> gone;
  std::mutex mutex;
  auto workers = house->open();
  const auto manage = [&] {
    return std::make_unique<WorkerManager>(
        *workers, [&] { return Result<WorkerManager::Desired>(rows); },
        [&](const std::string& name) {
          const std::lock_guard lock(mutex);
          gone.insert(name);
        });
  };
  const auto all_run = [&](const WorkerManager& manager) {
    return manager.running().size() == 3 && slots(*workers) == "default/0 default/1 slow-lane/0";
  };
  auto manager = manage();
  ASSERT_TRUE(wait_until([&] { return all_run(*manager); }, patient_ms));
  const std::string killed = manager->running().front().name;
  ASSERT_TRUE(house->kubelet->kill(killed));
  EXPECT_TRUE(wait_until(
      [&] {
        const std::lock_guard lock(mutex);
        return gone == std::set{killed};
      },
      patient_ms))
      << "once, when it is proven";
  ASSERT_TRUE(wait_until([&] { return all_run(*manager); }, patient_ms));
  manager.reset(), workers.reset();
  house->clear();  // somebody removed everything while no platform ran
  workers = house->open();
  manager = manage();
  EXPECT_TRUE(wait_until([&] { return all_run(*manager); }, patient_ms));
  EXPECT_TRUE(house->admin->get(house->config_path()).ok());
  manager->stop_workers(1'000);
  EXPECT_EQ(slots(*workers), "");
  EXPECT_EQ(house->count(house->deployment_path()), 0u);
}

TEST_F(KubeTest, TheManifestsAreAccepted) {
  for (const char* file : {"namespace.yaml", "worker-manager.yaml", "platform.yaml", "members.yaml"}) {
    const auto done = house->kubectl({"apply", "--dry-run=server", "-f", std::string(DEPLOY_FOLDER) + "/" + file});
    EXPECT_EQ(done.exit_status, 0) << file << ": " << done.err;
  }
  const auto may = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"auth", "can-i", "-n", "backstitch", "--as", "system:serviceaccount:backstitch:worker-manager"});
    return house->kubectl(words).out;
  };
  EXPECT_EQ(may({"create", "deployments"}), "yes\n");
  EXPECT_EQ(may({"get", "secrets"}), "no\n");
  EXPECT_EQ(may({"create", "pods/exec"}), "no\n");
  EXPECT_EQ(may({"delete", "namespaces"}), "no\n");
}

TEST(KubeSettings, AreChecked) {
  const auto error = [](auto change) {
    KubernetesSettings settings{
        .server = "https://127.0.0.1:1", .token_file = "", .ca_file = "", .instance = "one", .image = "x"};
    change(settings);
    const auto opened = open_kubernetes_workers(settings);
    return opened ? std::string() : opened.error().text();
  };
  EXPECT_EQ(error([](auto&) {}), "");
  EXPECT_TRUE(error([](auto& with) { with.server = "http://127.0.0.1:1"; }).starts_with("BS-1002"));
  EXPECT_TRUE(error([](auto& with) { with.instance = "No Name"; }).starts_with("BS-1002"));
  EXPECT_TRUE(error([](auto& with) { with.namespace_name = ""; }).starts_with("BS-1002"));
  EXPECT_TRUE(error([](auto& with) { with.token_file = "/no/such/file"; }).starts_with("BS-1004"));
}

}  // namespace
}  // namespace backstitch::workers
