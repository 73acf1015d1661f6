// The configuration (backstitch.yaml; "interfaces" 3). Only wiring knows it; everything below gets plain settings. Passwords and
// keys do not stand in it: env:NAME or file:PATH says where they are (api/secret.h).
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace backstitch {

struct LaneConfig {
  int count = 2, concurrency = 32;
  int count_max = 0;  // while more waits than `count` workers can do; 0: never more
};

struct Config {
  std::string instance = "main";
  std::string data = "./backstitch-data";
  std::string address = "127.0.0.1";                          // what listens, and what others are told; IPv4
  bool private_network = false;                               // nobody but this instance reaches that address
  int port = 8480, metrics_port = 8481, workers_port = 8482;  // 0 takes a free one
  std::string workers_address = "127.0.0.1", workers_token;   // where workers.port listens, and what workers show there
  int http_threads = 32;                                      // of the API: each may wait for a group commit
  int partitions = 64;
  int shard_threads = 2;
  int turn_inputs_max = 256;
  std::map<std::string, std::int64_t> retention_ms;  // by topic; "tasks" stands for all lanes
  bool allow_short_retention = false;
  std::uint64_t incoming_records_max = 1'000'000;
  std::string database_adapter = "private", database_url;  // private | external
  std::string database_listen, database_password;          // IPv4, where other members reach the private one
  std::string queue_adapter = "embedded";                  // embedded | kafka; the following only for kafka
  std::string queue_brokers;                               // HOST:PORT, …
  int queue_replicas = 1;                                  // of each topic that is made
  bool queue_tls = false;
  std::string queue_ca_file, queue_user, queue_password;
  std::string cache_adapter = "memory", cache_url;                                             // memory | redis | riak
  std::string objects_adapter = "files", objects_bucket, safe_adapter = "files", safe_bucket;  // files | s3
  std::string safe_folder;                                                                     // empty: DIR/safe
  std::string s3_endpoint, s3_region = "us-east-1", s3_access_key, s3_secret_key, s3_ca_file;
  std::map<std::string, LaneConfig> lanes;
  std::string workers_adapter = "process";  // process | kubernetes; the following only for kubernetes
  std::string workers_server, workers_namespace = "backstitch", workers_image, workers_kube_token, workers_ca_file;
  std::string workers_platform_url;                                 // where Pods reach the port of the workers
  std::string workers_link_secret;                                  // the Secret that holds workers_token for them
  std::map<std::string, std::vector<std::string>> implementations;  // auto task → command
  std::string crm_adapter = "standin", crm_url;                     // standin | salesforce; no url: no CRM sync runs
  std::string crm_client_id, crm_user, crm_key, crm_ca_file;
  std::map<std::string, std::string> systems;  // name in the catalog ("standin:keyed") → address
  std::string callbacks_url;                   // where systems reach this API, without a slash at its end; empty: its own address
  int default_retries = 3;
  std::int64_t default_retry_interval_ms = 10'000;
  std::string backup_provider = "own";                          // own | pgbackrest | rds
  std::string backup_stanza, backup_config;                     // of pgBackRest
  std::string backup_instance, backup_region, backup_endpoint;  // of Amazon RDS
  std::string backup_access_key, backup_secret_key, backup_ca_file;
  std::int64_t archive_every_ms = 1'000;
  std::int64_t verify_every_ms = 60'000, backup_every_ms = 86'400'000;  // 0: never
  std::int64_t audit_every_ms = 86'400'000;                             // 0: never

  bool access_local_administrator = true;  // false: nothing is done without a session
  std::int64_t access_grants_ttl_ms = 5 * 60'000, access_session_ttl_ms = 8 * 3'600'000;

  std::vector<std::string> roles;             // of this process; empty: all there are
  std::int64_t member_silent_ms_max = 5'000;  // who was not heard of for so long is taken for dead

  /// Somebody else runs the PostgreSQL: it is not ours to start, stop, back up or put back.
  bool external_database() const { return database_adapter == "external"; }
  /// Other processes reach the database, too.
  bool shares_database() const { return external_database() || !database_listen.empty(); }
  /// Several processes may be one instance: they share database and log.
  bool may_be_several() const { return shares_database() && queue_adapter == "kafka"; }
  std::string safe() const { return safe_folder.empty() ? data + "/safe" : safe_folder; }
};

/// Defaults, then the file (may be empty), then BACKSTITCH_A__B. Code::config_invalid lists every fault: unknown keys with the
/// nearest name, values out of range, retention below 30 minutes without queue.allow_short_retention.
Result<Config> load_config(const std::string& file);
/// As the key `roles`, from a text with commas. Code::config_invalid.
Status take_roles(Config& config, const std::string& text);
/// The effective one as YAML.
std::string config_yaml(const Config& config);

}  // namespace backstitch
