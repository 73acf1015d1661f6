// Submits orders over HTTP at a rate and does not let go of one before it was acknowledged or rejected.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/net/http_client.h"
#include "standins/common/orders.h"
#include "standins/common/target.h"

namespace backstitch::standin {

struct SubmitSettings {
  double orders_per_second = 0;  // 0 = as fast as the connections go
  int connections = 8;
  std::int64_t timeout_ms = 10'000;  // of one attempt
};

/// Called on the submitter's threads, several at once.
struct SubmitEvents {
  std::function<void(const OrderText& order, int attempt)> sending;
  std::function<void(const OrderText& order, const HttpAnswer& answer)> acknowledged;  // 200, 201, 202
  std::function<void(const OrderText& order, const HttpAnswer& answer)> rejected;      // 4xx but 408 and 429
};

class Submitter {
 public:
  /// Starts at once. `target` must outlive it.
  Submitter(std::vector<OrderText> orders, const SubmitSettings& settings, Target& target, SubmitEvents events);
  ~Submitter();  // waits for the calls in the air, not for orders that are still to be delivered
  bool done() const { return finished_ == orders_.size(); }

 private:
  void work();
  void deliver(const OrderText& order);
  bool pause_until(std::int64_t at_ms);  // false when the end came first

  const std::vector<OrderText> orders_;
  const SubmitSettings settings_;
  Target& target_;
  const SubmitEvents events_;
  HttpClient http_;
  const std::int64_t started_ms_;
  std::atomic<std::size_t> next_ = 0, finished_ = 0;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace backstitch::standin
