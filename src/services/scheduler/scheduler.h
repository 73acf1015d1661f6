// Timers: read from `schedule`, and when they are due a record in completer. Shards hand out the timers of their open items again
// when they start; where they live in other processes, a scheduler that takes over asks the rows first. One thread.
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "stores/queue/port.h"

namespace backstitch {

class Scheduler {
 public:
  /// A timer as the rows know it: of an item that waits.
  struct Waiting {
    std::string item, kind, account;
    Partition partition = 0;
    Time due;
  };
  using Load = std::function<Result<std::vector<Waiting>>()>;
  /// `load` is asked until it answers, after the place in the log has been noted: what comes later stands behind it. A timer that
  /// is known twice does nothing the second time.
  Scheduler(queue::Queue& queue, int partitions, std::uint64_t epoch, Load load = {});
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
  void load();
  bool read();  // false: something could not be read
  void take_in(const queue::Record& record);
  bool fire(Time now);  // false: the queue did not take it

  queue::Queue& queue_;
  std::uint64_t epoch_;
  Load load_;  // none: nothing is to be asked any more
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<queue::Offset> positions_;
  std::set<std::pair<Time, Due>> timers_;
  bool stop_ = false, news_ = true;
  std::shared_ptr<void> subscription_;
  std::thread thread_;
};

}  // namespace backstitch
