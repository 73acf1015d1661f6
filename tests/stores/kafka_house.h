// A real Kafka for the tests of this folder, and another client of it.
#pragma once
#include <gtest/gtest.h>

#include "base/testing.h"
#include "contract/queue/help.h"
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
  /// As another process would.
  std::unique_ptr<queue::Queue> open() const {
    auto queue = queue::open_kafka_queue(settings);
    if (!queue) throw std::runtime_error(queue.error().text());
    return std::move(*queue);
  }
  std::unique_ptr<queue::Queue> open_with_topics() const {
    auto queue = open();
    queue::contract::make_topics(*queue);
    return queue;
  }
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
