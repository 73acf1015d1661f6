// Puts what a committed turn left behind into tasks, schedule and order_orderitems, in the order of the turns. One thread.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/decision.h"
#include "stores/queue/port.h"

namespace backstitch {

class Publisher {
 public:
  Publisher(queue::Queue& queue, std::uint64_t epoch);
  ~Publisher();  // stops without waiting for what is left: it is re-derived at the next start
  void publish(Effects effects, std::vector<std::pair<Partition, std::uint64_t>> turns);
  /// Last turn of the partition whose CRM updates are in order_orderitems; 0 when none by this publisher.
  std::uint64_t published(Partition partition) const;
  void drain();  // waits until all is published, but not for a queue that takes nothing: what is left is re-derived

 private:
  struct Batch {
    Effects effects;
    std::vector<std::pair<Partition, std::uint64_t>> turns;
  };
  void run();
  bool append(const Batch& batch);  // false: try again
  std::vector<queue::Append> records_of(const Batch& batch) const;

  queue::Queue& queue_;
  std::uint64_t epoch_;
  mutable std::mutex mutex_;
  std::condition_variable wake_, idle_;
  std::deque<Batch> waiting_;
  std::map<Partition, std::uint64_t> published_;
  bool stop_ = false, failing_ = false;
  std::thread thread_;
};

std::string task_json(const Task& task, std::uint64_t epoch);

}  // namespace backstitch
