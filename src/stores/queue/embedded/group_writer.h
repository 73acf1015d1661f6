// Group commit: one thread writes all batches that wait as one atomic write with at most one sync, then makes them visible.
//
// Order of operations: claims are decided, the write is synced, records become visible, subscribers and callers wake. So no
// reader and no caller ever knows a record of a durable topic that a power cut could take back.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "stores/queue/embedded/log_store.h"
#include "stores/queue/embedded/partition_log.h"
#include "stores/queue/subscribers.h"

namespace backstitch::queue::embedded {

class GroupWriter {
 public:
  GroupWriter(LogStore& store, Subscribers& subscribers, std::function<Time()> clock, std::size_t tail_bytes_max);
  /// No call of append() may be under way.
  ~GroupWriter();

  /// `topics` are those of the appends, one each; everything was checked before. Thread-safe, waits for the write.
  Result<std::vector<Appended>> append(std::vector<Append> batch, std::vector<TopicState*> topics);
  /// Nothing is written while the lock is held, so that its holder may write: ends and settings.
  std::unique_lock<std::mutex> pause() { return std::unique_lock(writing_); }

 private:
  struct Request;
  class Group;
  void run();
  std::vector<Request*> take_waiting();
  void write(const std::vector<Request*>& requests);

  LogStore& store_;
  Subscribers& subscribers_;
  const std::function<Time()> clock_;
  const std::size_t tail_bytes_max_;
  std::mutex writing_;
  std::mutex mutex_;  // of what follows
  std::condition_variable arrived_;
  std::vector<Request*> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace backstitch::queue::embedded
