// Timers: read from `schedule`, and when they are due a record in completer. Loads nothing from rows itself: shards hand out the
// timers of their open items again when they start. One thread.
#pragma once
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"
#include "stores/queue/port.h"

namespace backstitch {

class Scheduler {
 public:
  Scheduler(queue::Queue& queue, int partitions, std::uint64_t epoch);
  ~Scheduler();
  std::size_t waiting() const;
  /// Item and moment of every timer that is kept.
  std::set<std::pair<std::string, Time>> timers() const;

 private:
  struct Due {
    std::string item, kind, account;
    Partition partition = 0;
    auto operator<=>(const Due&) const = default;
  };
  void run();
  void read();
  void take_in(const queue::Record& record);
  bool fire(Time now);  // false: the queue did not take it

  queue::Queue& queue_;
  std::uint64_t epoch_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<queue::Offset> positions_;
  std::set<std::pair<Time, Due>> timers_;
  bool stop_ = false, news_ = true;
  std::shared_ptr<void> subscription_;
  std::thread thread_;
};

}  // namespace backstitch
