// A shard: one thread that folds the live queues of the partitions it owns into PostgreSQL (architecture, "The way of an order").
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "fold/fold.h"
#include "services/shard/publisher.h"
#include "stores/queue/port.h"

namespace backstitch {

struct ShardSettings {
  std::string name;
  std::vector<Partition> partitions;
  std::size_t turn_inputs_max = 256;
  std::uint64_t epoch = 1;
  EngineSettings engine;
  /// Keeps the evidence of records that PostgreSQL cannot hold. None: nothing is refused for that reason, and such a record
  /// stops its shard.
  safe::Safe* safe = nullptr;
  /// Told after each commit: offset behind the last decided record of `incoming`.
  std::function<void(Partition, std::uint64_t)> on_decided;
  /// Told when it has taken a partition over: in which term.
  std::function<void(Partition, std::uint64_t)> on_claimed;
};

class ShardService {
 public:
  /// `on_fenced` is called once when another owner or epoch writes here: this process must stop.
  ShardService(ShardSettings settings, queue::Queue& queue, database::Database& database, CatalogLibrary& library,
               std::function<void(const Error&)> on_fenced);
  ~ShardService();  // as stop()
  void stop();      // ends its turn, publishes what it brought, then stops

  bool fenced() const { return fenced_; }    // and so has ended for good
  bool running() const { return running_; }  // has taken its partitions over and folds
  std::uint64_t turns() const { return turns_; }
  std::size_t open_orders() const { return open_orders_; }
  std::string last_error() const;

 private:
  struct InFlight {
    Effects effects;
    std::vector<std::pair<Partition, std::uint64_t>> turns, decided;
  };
  void run();
  Status serve();  // until stop or an error
  Status open();
  Status republish();  // CRM updates of turns above `published`
  Result<std::vector<InputRecord>> gather();
  Result<bool> read_into(const char* topic, Log log, Partition partition, std::uint64_t from, std::vector<InputRecord>& out);
  Status send(const std::vector<InputRecord>& records);
  Status await_oldest();
  Status await_all();
  void wait_for_input();
  std::size_t inputs_max() const { return one_by_one_ > 0 ? 1 : settings_.turn_inputs_max; }
  Status look_for_culprit(const Error& error);

  ShardSettings settings_;
  queue::Queue& queue_;
  database::Database& database_;
  CatalogLibrary& library_;
  std::function<void(const Error&)> on_fenced_;
  std::unique_ptr<database::Shard> connection_;
  std::unique_ptr<Fold> fold_;
  std::unique_ptr<Publisher> publisher_;
  std::deque<InFlight> in_flight_;
  bool look_up_order_keys_ = false;
  // After a refusal of the database records go one by one: the one it refuses is found, and refused in writing.
  int one_by_one_ = 0;                  // turns still to go
  std::optional<InputRecord> suspect_;  // sent alone

  std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t arrivals_ = 0, seen_ = 0;
  std::string last_error_;
  std::atomic<bool> stop_{false}, running_{false}, fenced_{false};
  std::atomic<std::uint64_t> turns_{0};
  std::atomic<std::size_t> open_orders_{0};
  std::vector<std::shared_ptr<void>> subscriptions_;
  std::thread thread_;
};

}  // namespace backstitch
