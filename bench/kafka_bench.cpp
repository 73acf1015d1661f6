// Orders a second over the whole platform with its log on Kafka, beside the embedded log in the same run; and how far the archive
// is behind while they come.
//
//   kafka_bench [--orders 2000] [--batch 50] [--connections 8] [--binary BACKSTITCH] [--standin STANDIN-SYSTEM] [--catalog FILE]
//
// One broker on this machine, one copy, nothing synced by it; the embedded log syncs each group of records. An order is six items
// in sequence: auto tasks, or HTTP callouts to the stand-in system.
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <thread>

#include "base/files.h"
#include "base/json.h"
#include "base/time.h"
#include "bench/platform.h"
#include "server.h"
#include "stores/safe/files/files_safe.h"

using namespace backstitch;
using namespace backstitch::bench;

namespace {

constexpr const char* archived_topics[] = {"incoming", "completer"};

/// Looks at log and archive until it is told to stop.
class LagWatch {
 public:
  explicit LagWatch(const Platform& platform) : platform_(platform), thread_([this] { run(); }) {}
  void stop() {
    over_ = true;
    thread_.join();
  }
  /// The most and the mean of what was not archived, in records, and how long the oldest of them had waited.
  std::string text() const {
    std::uint64_t records_max = 0, records_sum = 0;
    std::int64_t ms_max = 0, ms_sum = 0;
    for (const Look& look : looks_) {
      const std::uint64_t records = look.appended - look.archived;
      std::int64_t ms = 0;  // since the first look that knew of a record which is not archived yet
      for (std::size_t i = 0; i < looks_.size() && records > 0; ++i)
        if (looks_[i].appended > look.archived) {
          ms = look.at_ms - looks_[i].at_ms;
          break;
        }
      records_max = std::max(records_max, records), records_sum += records;
      ms_max = std::max(ms_max, ms), ms_sum += ms;
    }
    const auto count = std::max<std::size_t>(looks_.size(), 1);
    return fmt::format("at most {} records and {} ms, on average {} records and {} ms ({} looks)", records_max, ms_max,
                       records_sum / count, ms_sum / static_cast<std::int64_t>(count), looks_.size());
  }

 private:
  struct Look {
    std::int64_t at_ms;
    std::uint64_t appended, archived;
  };
  void run() {
    HttpClient client;
    for (; !over_; std::this_thread::sleep_for(std::chrono::milliseconds(100))) {
      Look look{monotonic_ms(), 0, 0};
      const auto safe = safe::open_files_safe(platform_.data() + "/safe");
      bool whole = safe.has_value();
      for (const char* topic : archived_topics) {
        const auto answer = client.call({.method = "GET", .url = platform_.api + "/api/v1/queues/" + topic});
        const auto document = parse_json(answer.body);
        whole = whole && answer.status == 200 && document;
        for (int partition = 0; whole && partition < 64; ++partition) {
          const auto archived = (*safe)->archived_end(topic, partition);
          whole = whole && archived;
          const auto& end = document->at("partitions").as_array()[static_cast<std::size_t>(partition)].at("end").as_string();
          if (whole) look.archived += std::min<std::uint64_t>(*archived, std::stoull(std::string(end)));
          look.appended += std::stoull(std::string(end));
        }
      }
      if (whole) looks_.push_back(look);
    }
  }
  const Platform& platform_;
  std::vector<Look> looks_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

std::vector<double> run_on(const std::string& log, const Options& options) {
  const Platform platform = start_platform(options);
  load_catalog(platform, options);
  std::vector<double> rates;
  for (const char* product : {"BENCH-AUTO", "BENCH-CALLS"}) {
    LagWatch lag(platform);
    const auto began = monotonic_ms();
    submit_all(platform, options, product, "", options.orders);
    await_activated(platform, options.orders * static_cast<int>(rates.size() + 1));
    rates.push_back(1000.0 * options.orders / static_cast<double>(monotonic_ms() - began));
    lag.stop();
    fmt::print("{:<9} {:<12} {:.0f} orders/s; archive behind {}\n", log, product, rates.back(), lag.text());
  }
  stop_platform(platform);
  return rates;
}

}  // namespace

int main(int count, char** words) {
  Options options = parse(count, words);
  const auto embedded = run_on("embedded", options);
  char folder[] = "/tmp/backstitch-bench-kafka-XXXXXX";
  auto broker = servers::Server::start("kafka", ::mkdtemp(folder), servers::free_ports(3));
  if (!broker) die(broker.error().text());
  options.more = fmt::format("queue: {{adapter: kafka, brokers: \"{}\"}}\n", broker->address());
  const auto on_kafka = run_on("kafka", options);
  broker->stop();
  static_cast<void>(remove_tree(folder));
  fmt::print("kafka to embedded: {:.2f} with auto tasks, {:.2f} with callouts\n", on_kafka[0] / embedded[0],
             on_kafka[1] / embedded[1]);
  return 0;
}
