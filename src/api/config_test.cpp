#include "api/config.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "api/testing.h"

namespace backstitch {
namespace {

class ConfigTest : public ConfigFixture {};

/// A variable of the environment for one test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

TEST_F(ConfigTest, AnAdapterIsOneOfThoseThatThereAre) {
  const auto faults = faults_of("cache: {adapter: mongo}\n");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults.front().detail.find("memory, redis, riak"), std::string::npos) << faults.front().detail;
  const auto config = load("cache: {adapter: redis, url: 'env:CACHE'}\n");
  ASSERT_TRUE(config) << config.error().text();
  const auto again = load(config_yaml(*config));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->cache_adapter, "redis");
  EXPECT_EQ(again->cache_url, "env:CACHE");
}

TEST_F(ConfigTest, ADatabaseOfSomebodyElseHasAnAddressAndOursHasNone) {
  for (const char* wrong : {"database: {adapter: external}\n", "database: {url: 'postgresql://b@127.0.0.1/b'}\n"}) {
    const auto faults = faults_of(wrong);
    ASSERT_EQ(faults.size(), 1u) << wrong;
    EXPECT_EQ(faults.front().pointer, "database.url");
  }
  EXPECT_EQ(faults_of("database: {adapter: external, url: 'postgresql://b:hunter2@127.0.0.1/b'}\n").size(), 1u);
  const auto config = load("database: {adapter: external, url: 'env:DATABASE'}\n");
  ASSERT_TRUE(config && config->external_database());
  EXPECT_EQ(load(config_yaml(*config))->database_url, "env:DATABASE");
  EXPECT_FALSE(load("")->external_database());
}

TEST_F(ConfigTest, AStoreThatLacksWhatItNeedsSaysAllOfIt) {
  std::string said;
  for (const Fault& fault : faults_of("queue: {adapter: kafka, user: ann}\nsafe: {adapter: s3}\nobjects: {adapter: s3}\n"
                                      "crm: {adapter: salesforce}\ninstance: A.b\n"))
    said += fault.pointer + " ";
  EXPECT_EQ(said,
            "instance queue.brokers queue.user s3.endpoint s3.access_key s3.secret_key safe.bucket objects.bucket crm.url "
            "crm.client_id crm.user crm.key ");
}

// What is refused never reaches the effective configuration, which anybody may read.
TEST_F(ConfigTest, ASecretIsNamedAndNotWritten) {
  std::string said;
  for (const Fault& fault : faults_of("queue: {password: hunter2}\ns3: {secret_key: hunter2}\ncrm: {key: hunter2}\n"
                                      "cache: {url: 'redis://:hunter2@127.0.0.1:1'}\n")) {
    said += fault.pointer + " ";
    EXPECT_EQ(fault.detail.find("hunter2"), std::string::npos) << fault.detail;
  }
  EXPECT_EQ(said, "queue.password cache.url s3.secret_key crm.key ");
  EXPECT_TRUE(load("queue: {password: 'env:KAFKA'}\ns3: {secret_key: 'file:/etc/key'}\ncrm: {key: 'env:KEY'}\n"));
}

TEST_F(ConfigTest, StoresComeBackFromTheEffectiveOne) {
  const auto config = load(R"(
queue: {adapter: kafka, brokers: "a:1,b:2", replicas: 3, tls: true, ca_file: /ca, user: u, password: env:P}
objects: {adapter: s3, bucket: things}
safe: {adapter: s3, bucket: safe}
s3: {endpoint: "http://127.0.0.1:7480", region: eu-1, access_key: k, secret_key: env:S}
crm: {adapter: salesforce, url: "https://login", client_id: c, user: u, key: "file:/k"}
)");
  ASSERT_TRUE(config) << config.error().text();
  const auto again = load(config_yaml(*config));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(config_yaml(*again), config_yaml(*config));
  EXPECT_EQ(again->queue_brokers + again->safe_bucket + again->crm_key, "a:1,b:2safefile:/k");
}

TEST_F(ConfigTest, APartOfTheRolesNeedsStoresThatSeveralCanOpen) {
  const std::string several = "database: {adapter: external, url: 'env:D'}\nqueue: {adapter: kafka, brokers: 'b:1'}\n";
  const auto faults = faults_of("roles: [api, shard]\n");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults.front().pointer, "roles");
  EXPECT_EQ(faults_of(several + "roles: [api, shrad]\n").size(), 1u);
  const auto config = load(several + "roles: [api, shard]\nmember: {silent_after: 3s}\n");
  ASSERT_TRUE(config) << config.error().text();
  const auto again = load(config_yaml(*config));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->roles, (std::vector<std::string>{"api", "shard"}));
  EXPECT_EQ(again->member_silent_ms_max, 3'000);
  EXPECT_TRUE(load("roles: [intake, shard, worker, scheduler, crm-sync, catalog-sync, worker-manager, api]\n"));
}

TEST_F(ConfigTest, DefaultsNeedNoFile) {
  const auto config = load_config("");
  ASSERT_TRUE(config.has_value()) << config.error().text();
  EXPECT_EQ(config->port, 8480);
  EXPECT_EQ(config->metrics_port, 8481);
  EXPECT_EQ(config->workers_port, 8482);
  EXPECT_EQ(config->partitions, 64);
  EXPECT_EQ(config->incoming_records_max, 1'000'000u);
  EXPECT_EQ(config->retention_ms.at("incoming"), 7'200'000);
  EXPECT_EQ(config->lanes.at("default").concurrency, 32);
  EXPECT_EQ(config->safe(), "./backstitch-data/safe");
}

TEST_F(ConfigTest, EmptyFileMeansTheDefaults) {
  EXPECT_TRUE(load("").has_value());
  EXPECT_TRUE(load("# nothing yet\n").has_value());
}

TEST_F(ConfigTest, FileIsReadInGroups) {
  const auto config = load(R"(
instance: north
listen: {port: 9000, threads: 4}
shards: {threads: 3, turn_inputs_max: 16}
queue:
  adapter: embedded
  retention: {incoming: 4h, tasks: 45m}
  incoming_records_max: 500
safe: {folder: /srv/safe, archive_every: 250ms}
workers:
  lanes: {slow: {count: 1}, fast: {count: 3, concurrency: 8}}
  implementations: {price: [python3, price.py]}
systems: {"standin:keyed": "http://127.0.0.1:9001/keyed"}
retry: {default_retries: 5, default_interval: 2s}
verify: {every: 0s}
)");
  ASSERT_TRUE(config.has_value()) << config.error().text();
  EXPECT_EQ(config->instance, "north");
  EXPECT_EQ(config->port, 9000);
  EXPECT_EQ(config->metrics_port, 8481);
  EXPECT_EQ(config->turn_inputs_max, 16);
  EXPECT_EQ(config->retention_ms.at("incoming"), 4 * 3'600'000);
  EXPECT_EQ(config->retention_ms.at("completer"), 2 * 3'600'000);
  EXPECT_EQ(config->retention_ms.at("tasks"), 45 * 60'000);
  EXPECT_EQ(config->incoming_records_max, 500u);
  EXPECT_EQ(config->safe(), "/srv/safe");
  EXPECT_EQ(config->archive_every_ms, 250);
  ASSERT_EQ(config->lanes.size(), 2u);  // those named, not the default one as well
  EXPECT_EQ(config->lanes.at("slow").concurrency, 32);
  EXPECT_EQ(config->lanes.at("fast").count, 3);
  EXPECT_EQ(config->implementations.at("price"), (std::vector<std::string>{"python3", "price.py"}));
  EXPECT_EQ(config->systems.at("standin:keyed"), "http://127.0.0.1:9001/keyed");
  EXPECT_EQ(config->default_retries, 5);
  EXPECT_EQ(config->verify_every_ms, 0);
}

TEST_F(ConfigTest, EnvironmentStandsAboveTheFile) {
  const Variable port("BACKSTITCH_LISTEN__PORT", "9100"), records("BACKSTITCH_QUEUE__INCOMING_RECORDS_MAX", "7"),
      lane("BACKSTITCH_WORKERS__LANES", "{one: {count: 1}}");
  const auto config = load("listen: {port: 9000}\n");
  ASSERT_TRUE(config.has_value()) << config.error().text();
  EXPECT_EQ(config->port, 9100);
  EXPECT_EQ(config->incoming_records_max, 7u);
  EXPECT_TRUE(config->lanes.contains("one"));
}

TEST_F(ConfigTest, WhatTestsAreToldIsNoKey) {
  const Variable without("BACKSTITCH_WITHOUT", "kube"), servers("BACKSTITCH_SERVERS", "/srv");
  EXPECT_TRUE(load("").has_value());
}
TEST_F(ConfigTest, UnknownKeyOfTheEnvironmentIsAFault) {
  const Variable wrong("BACKSTITCH_LISTEN__PROT", "1"), broken("BACKSTITCH_INSTANCE", "[a");
  const auto faults = faults_of("");
  ASSERT_EQ(faults.size(), 2u);
}

TEST_F(ConfigTest, SwitchesOfTestsAreNoSettings) {
  const Variable probe("BACKSTITCH_PROBE", "after-mark:1"), log("BACKSTITCH_PROBE_LOG", "/tmp/x"),
      guard("BACKSTITCH_TESTING_DISABLE", "mark");
  EXPECT_TRUE(load("").has_value());
}

TEST_F(ConfigTest, UnknownKeyIsNamedWithTheNearestOne) {
  const auto faults = faults_of("partitons: 8\nlisten: {prot: 1}\n");
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].pointer, "partitons");
  EXPECT_NE(faults[0].detail.find("did you mean partitions?"), std::string::npos) << faults[0].detail;
  EXPECT_EQ(faults[1].pointer, "listen.prot");
  EXPECT_NE(faults[1].detail.find("listen.port"), std::string::npos) << faults[1].detail;
}

TEST_F(ConfigTest, EveryFaultIsListed) {
  const auto faults = faults_of(R"(
partitions: 0
listen: {port: 70000, address: 0.0.0.0}
shards: {threads: many}
queue: {adapter: rabbit, retention: {outgoing: 2h, incoming: soon}}
workers: {lanes: {default: {count: 99}}}
retry: {default_interval: "3 weeks"}
)");
  std::vector<std::string> pointers;
  for (const Fault& fault : faults) pointers.push_back(fault.pointer);
  EXPECT_EQ(pointers, (std::vector<std::string>{"partitions", "listen.port", "listen.address", "shards.threads", "queue.adapter",
                                                "queue.retention", "workers.lanes", "retry.default_interval"}));
}

TEST_F(ConfigTest, RangesAreInclusive) {
  EXPECT_TRUE(load("partitions: 1\nlisten: {port: 65535}\n").has_value());
  EXPECT_TRUE(load("partitions: 1024\nlisten: {port: 0}\n").has_value());
  EXPECT_EQ(faults_of("partitions: 1025\n").size(), 1u);
  EXPECT_EQ(faults_of("listen: {port: -1}\n").size(), 1u);
}

TEST_F(ConfigTest, FileThatIsNoYamlOrNoMapIsRefused) {
  for (const char* text : {"listen: {port: 1", "- a\n- b\n", "hello"}) {
    const auto config = load(text);
    ASSERT_FALSE(config.has_value()) << text;
    EXPECT_EQ(config.error().code, Code::config_invalid) << text;
  }
  EXPECT_FALSE(load_config(scratch / "absent.yaml").has_value());
}

TEST_F(ConfigTest, ShortRetentionNeedsPermission) {
  for (const char* topic : {"incoming", "order_orderitems"}) {
    const auto config = load(fmt::format("queue: {{retention: {{{}: 10m}}}}\n", topic));
    ASSERT_FALSE(config.has_value());
    EXPECT_EQ(config.error().code, Code::retention_too_short);
    EXPECT_EQ(code_text(config.error().code), "BS-4107");
    EXPECT_NE(config.error().detail.find(topic), std::string::npos) << config.error().detail;
  }
  EXPECT_TRUE(load("queue: {retention: {incoming: 30m}}\n").has_value());
  EXPECT_TRUE(load("queue: {retention: {schedule: 1m}}\n").has_value());
  EXPECT_TRUE(load("queue: {allow_short_retention: true, retention: {incoming: 10m}}\n").has_value());
}

TEST_F(ConfigTest, EffectiveConfigurationIsReadBackAsItIs) {
  const auto first = load(R"(
instance: "north-1"
data: "/srv/a b"
listen: {port: 0, metrics_port: 0, workers_port: 0, threads: 3}
partitions: 8
shards: {threads: 1, turn_inputs_max: 9}
queue: {allow_short_retention: true, incoming_records_max: 77, retention: {incoming: 90s, completer: 1500ms}}
safe: {folder: /srv/safe, archive_every: 250ms}
workers: {lanes: {"a-b": {count: 0, concurrency: 7}}, implementations: {price: [sh, -c, "echo \"x: y\""]}}
crm: {url: "http://127.0.0.1:8491"}
systems: {"standin:keyed": "http://127.0.0.1:9001/keyed"}
retry: {default_retries: 0, default_interval: 0s}
verify: {every: 0s}
backup: {full_every: 36h}
audit: {every: 12h}
)");
  ASSERT_TRUE(first.has_value()) << first.error().text();
  const std::string yaml = config_yaml(*first);
  const auto second = load(yaml);
  ASSERT_TRUE(second.has_value()) << second.error().text() << yaml;
  EXPECT_EQ(config_yaml(*second), yaml);
  EXPECT_EQ(second->instance, "north-1");
  EXPECT_EQ(second->data, "/srv/a b");
  EXPECT_EQ(second->retention_ms, first->retention_ms);
  EXPECT_EQ(second->implementations, first->implementations);
  EXPECT_EQ(second->systems, first->systems);
  EXPECT_EQ(second->crm_url, first->crm_url);
  EXPECT_EQ(second->lanes.at("a-b").concurrency, 7);
  EXPECT_EQ(second->http_threads, 3);
  EXPECT_EQ(second->backup_every_ms, first->backup_every_ms);
  EXPECT_EQ(second->audit_every_ms, 12 * 3'600'000);
  const auto plain = load(config_yaml(load_config("").value()));
  EXPECT_TRUE(plain.has_value());
}

TEST_F(ConfigTest, AccessHasALocalAdministratorUnlessToldOtherwise) {
  EXPECT_TRUE(load("{}")->access_local_administrator);
  const auto config = load("access: {local_administrator: false, grants_ttl: 30s, session_ttl: 1h}");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_FALSE(config->access_local_administrator);
  EXPECT_EQ(config->access_grants_ttl_ms, 30'000);
  EXPECT_EQ(config->access_session_ttl_ms, 3'600'000);
  EXPECT_EQ(load(config_yaml(*config))->access_local_administrator, false);
  ASSERT_EQ(faults_of("access: {grants_ttl: 0s}").size(), 1u);
  const Variable token("BACKSTITCH_TOKEN", "0123");
  EXPECT_TRUE(load("{}")) << "it is the command line's";
}

}  // namespace
}  // namespace backstitch
