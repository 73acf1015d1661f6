// External systems for tests, without a socket. Stricter than HTTP: it stops the test when a call lacks what the house promises
// every system (key, subject, epoch), or when a system is asked for a look-up that it does not have. Thread-safe.
#pragma once
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "stores/systems/port.h"

namespace backstitch::systems {

/// A call or a look-up as the system saw it; of a look-up only path and key.
struct Arrival {
  std::string method, path, key, subject, body, epoch;
};

/// The system at the other end, told how to behave.
class Far {
 public:
  enum class Mood : std::uint8_t { answers, drops, hangs, gone };  // gone: nobody listens

  void answers(int status, const std::string& body = "");
  void be(Mood mood);
  Mood mood() const;
  std::pair<int, std::string> reply() const;
  std::vector<Arrival> arrivals() const;
  void arrive(Arrival arrival);

 private:
  mutable std::mutex mutex_;
  Mood mood_ = Mood::answers;
  int status_ = 200;
  std::string body_;
  std::vector<Arrival> arrivals_;
};

class StrictFake : public Systems {
 public:
  explicit StrictFake(std::shared_ptr<Far> far);
  ~StrictFake() override;  // calls still in the air end as unknown
  void call(const CallRequest& request, std::function<void(CallResult)> done) override;
  LookupResult look_up(const Target& target, const std::string& key) override;

  /// The system goes on: hanging calls get their answer.
  void release();
  /// Hanging calls of a shorter time-out are over.
  void let_pass(std::int64_t ms);

 private:
  struct InAir {
    CallRequest request;
    std::function<void(CallResult)> done;
  };
  void run();
  void end_of(InAir call, CallResult result);  // under mutex_

  std::shared_ptr<Far> far_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<InAir> hanging_;
  std::deque<std::function<void()>> ended_;  // callbacks, for the thread
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace backstitch::systems
