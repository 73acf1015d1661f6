// A real Kafka for the tests of this folder, and another client of it.
#pragma once
#include <gtest/gtest.h>

#include "base/testing.h"
#include "server.h"
#include "stores/queue/kafka/kafka_queue.h"

namespace backstitch::servers {

class KafkaHouse {
 public:
  explicit KafkaHouse(std::vector<std::string> options = {}) : server(start(std::move(options))) {
    settings.brokers = server.address();
    settings.partitions = 4;
  }
  /// A prefix that nobody has used.
  void begin_anew() { settings.prefix = "t" + std::to_string(++used_); }
  std::unique_ptr<queue::Queue> open() const {
    auto queue = queue::open_kafka_queue(settings);
    if (!queue) throw std::runtime_error(queue.error().text());
    return std::move(*queue);
  }
  /// What kcat says, without the last line break.
  std::string kcat(std::vector<std::string> words) const {
    words.insert(words.begin(), {"kcat", "-q", "-b", settings.brokers});
    const auto done = backstitch::run({.argv = words}, 20'000);
    EXPECT_TRUE(done && done->exit_status == 0) << (done ? done->err : done.error().text());
    std::string out = done ? done->out : "";
    while (out.ends_with('\n')) out.pop_back();
    return out;
  }

  testing::ScratchFolder folder;
  Server server;
  queue::KafkaSettings settings;

 private:
  Server start(std::vector<std::string> options) {
    auto started = Server::start("kafka", folder / "kafka", free_ports(3), std::move(options));
    if (!started) throw std::runtime_error(started.error().text());
    return std::move(*started);
  }
  int used_ = 0;
};

}  // namespace backstitch::servers
