// A person at the platform's HTTP interface: looks at the list of manual tasks, claims some, works on each for a while,
// completes it. Knows nothing but what the interface answers, and outlives restarts of the platform.
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "base/net/http_client.h"
#include "standins/common/target.h"
#include "standins/operator/desk.h"

namespace backstitch::standin {

struct PersonSettings {
  std::string actor = "ann";
  std::uint64_t seed = 1;
  std::int64_t delay_min_ms = 0, delay_max_ms = 0;  // work on one task
  int parallel = 8;                                 // tasks in hand at once
  std::int64_t poll_ms = 100;                       // between two looks at the list
};

class Person {
 public:
  /// Starts at once, with what was claimed before. `target` and `desk` must outlive it.
  Person(const PersonSettings& settings, Target& target, Desk& desk);
  ~Person();  // puts down what is in hand; it stays claimed and is taken up by the next start

 private:
  void look_around();
  void look_at_list();
  bool take_from_page(const boost::json::array& items);  // false when both hands are full
  void work();
  void work_on(ManualTask task);
  /// Sends until there is an answer that is about the task; 0 when the end came first.
  int command(const ManualTask& task, const char* verb, const boost::json::object& body, std::string& answer);
  std::optional<boost::json::object> get_list(const std::string& cursor);
  bool pause(std::int64_t ms);  // false when the end came first
  void put_in_hand(ManualTask task);

  const PersonSettings settings_;
  Target& target_;
  Desk& desk_;
  HttpClient http_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::deque<ManualTask> waiting_;
  std::vector<std::thread> threads_;
};

}  // namespace backstitch::standin
