// The queue on Apache Kafka: several processes may write and read the same log (docs/decisions/0016-kafka.md).
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "stores/queue/port.h"

namespace backstitch::queue {

struct KafkaSettings {
  std::string brokers;                 // host:port, comma between them
  std::string prefix = "backstitch";   // topics are named <prefix>.<topic>; letters, digits and hyphens
  Partition partitions = 64;           // of every topic; fixed when the log is made
  int replicas = 1;                    // of topics that are made
  std::string security = "plaintext";  // plaintext, ssl, sasl_plaintext or sasl_ssl; SASL is PLAIN
  std::string user, password;
  std::string log;                          // the number of the log that must be there; empty: any, or a new one
  std::string ca_file;                      // of the authority that signs the brokers' certificates; empty: those of the system
  std::int64_t timeout_ms = 10'000;         // after which an answer is not waited for any longer
  std::int64_t void_after_ms = 2'000;       // after which a batch that nobody completed counts as never written
  std::size_t tail_bytes_max = 512 * 1024;  // newest records kept in memory, per partition of a topic
};

/// Reads the log of claims and all records that are still there, so that it knows every end and every claim.
///
/// Code::config_invalid (settings, another number of partitions, not let in), unreachable, topic_replaced (a topic of this log
/// was deleted, or is another one's, or the log that must be there is gone), store_unfit (another log than the one that must be
/// there), queue_failed.
Result<std::unique_ptr<Queue>> open_kafka_queue(const KafkaSettings& settings);

/// What in the brokers' settings can lose acknowledged records, or records that nobody has read, in words; empty when nothing
/// can.
Result<std::vector<std::string>> kafka_warnings(const KafkaSettings& settings);

}  // namespace backstitch::queue
