// A real Kafka for the tests of this folder, and another client of it.
#pragma once
#include <gtest/gtest.h>

#include "base/testing.h"
#include "contract/queue/help.h"
#include "harness/tcp_gate.h"
#include "server.h"
#include "stores/queue/kafka/kafka_queue.h"

namespace backstitch::servers {

/// One broker with three doors: for everybody, behind a gate, and for those who show who they are (TLS and SASL).
class KafkaHouse {
 public:
  KafkaHouse() : port_(free_ports(4)), gate(port_ + 3), server(start()) {
    settings.brokers = door(port_ + 2);
    settings.partitions = 4;
  }
  /// A prefix that nobody has used.
  void begin_anew() {
    settings = queue::KafkaSettings{.brokers = door(port_ + 2), .prefix = "t" + std::to_string(++used_), .partitions = 4};
  }
  queue::KafkaSettings behind_gate() const {
    queue::KafkaSettings gated = settings;
    gated.brokers = door(gate.port());
    return gated;
  }
  queue::KafkaSettings secure() const {
    queue::KafkaSettings secured = settings;
    secured.brokers = door(port_), secured.security = "sasl_ssl", secured.user = "client", secured.password = "client-secret";
    secured.ca_file = folder / "kafka/tls/ca.crt";
    return secured;
  }
  /// As another process would.
  std::unique_ptr<queue::Queue> open(const queue::KafkaSettings& with) const {
    auto queue = queue::open_kafka_queue(with);
    if (!queue) throw std::runtime_error(queue.error().text());
    return std::move(*queue);
  }
  std::unique_ptr<queue::Queue> open() const { return open(settings); }
  std::unique_ptr<queue::Queue> open_with_topics(const queue::KafkaSettings& with) const {
    auto queue = open(with);
    queue::contract::make_topics(*queue);
    return queue;
  }
  std::unique_ptr<queue::Queue> open_with_topics() const { return open_with_topics(settings); }
  std::string topic(const std::string& name) const { return settings.prefix + "." + name; }
  /// What kcat says, without the last line break.
  std::string kcat(std::vector<std::string> words) const {
    words.insert(words.begin(), {"kcat", "-q", "-b", settings.brokers});
    const auto done = backstitch::run({.argv = words}, 20'000);
    EXPECT_TRUE(done && done->exit_status == 0) << (done ? done->err : done.error().text());
    std::string out = done ? done->out : "";
    while (out.ends_with('\n')) out.pop_back();
    return out;
  }
  /// A message that another client writes.
  void plant(const std::string& name, int partition, const std::string& text, std::vector<std::string> headers = {}) const {
    const std::string file = folder / "planted";
    EXPECT_TRUE(write_file_durably(file, text));
    std::vector<std::string> words{"-P", "-t", topic(name), "-p", std::to_string(partition)};
    for (const std::string& header : headers) words.insert(words.end(), {"-H", header});
    words.push_back(file);
    kcat(words);
  }

 private:
  static std::string door(int port) { return "127.0.0.1:" + std::to_string(port); }
  Server start() {
    const std::string all = fmt::format("CLIENTS://{},INSIDE://{}", door(port_), door(port_ + 2));
    auto started =
        Server::start("kafka", folder / "kafka", port_,
                      {"sasl", fmt::format("listeners={},CONTROLLER://{},GATED://{}", all, door(port_ + 1), door(port_ + 3)),
                       fmt::format("advertised.listeners={},GATED://{}", all, door(gate.port())),
                       "listener.security.protocol.map=CLIENTS:SASL_SSL,CONTROLLER:PLAINTEXT,INSIDE:PLAINTEXT,"
                       "GATED:PLAINTEXT"});
    if (!started) throw std::runtime_error(started.error().text());
    return std::move(*started);
  }
  const int port_;
  int used_ = 0;

 public:
  testing::ScratchFolder folder;
  testing::TcpGate gate;
  Server server;
  queue::KafkaSettings settings;
};

/// The broker of all tests of a program that do not kill it: it starts with the first of them.
class SharedKafka : public ::testing::Environment {
 public:
  static KafkaHouse& house() {
    auto& house = instance()->house_;
    if (house == nullptr) house = std::make_unique<KafkaHouse>();
    return *house;
  }
  void TearDown() override { house_.reset(); }

 private:
  static SharedKafka* instance() {
    static auto* const shared = new SharedKafka();  // gtest's, as environments are
    static const bool known = ::testing::AddGlobalTestEnvironment(shared) != nullptr;
    return known ? shared : nullptr;
  }
  std::unique_ptr<KafkaHouse> house_;
};

}  // namespace backstitch::servers
