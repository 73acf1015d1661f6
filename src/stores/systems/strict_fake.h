// External systems for tests, without a socket. Stricter than HTTP: it stops the test when a call lacks what the house promises
// every system (key, subject, epoch), or when a system is asked for a look-up that it does not have. Thread-safe.
#pragma once
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "stores/systems/port.h"

namespace backstitch::systems {

/// A call or a question as the system saw it; of a question only method, path, and key or subject.
struct Arrival {
  std::string method, path, key, subject, body, epoch;
  std::string callback_url = {};
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

  /// From the first one on, questions about effects are answered from a book, as a system with a ledger does; calls still get the
  /// fixed reply.
  void knows(const std::string& subject, const SubjectEffect& effect);
  void forgets(const std::string& key);  // its lifetime is over: 410, and no subject shows it
  /// Status and body to this arrival: by the book when there is one and it asks about effects.
  std::pair<int, std::string> reply_to(const Arrival& arrival);

 private:
  struct Known {
    std::string subject;
    SubjectEffect effect;
    bool forgotten = false;
  };
  std::pair<int, std::string> effects_of(const std::string& subject) const;  // under mutex_
  std::pair<int, std::string> settle(Known& known, const std::string& verb) const;

  mutable std::mutex mutex_;
  Mood mood_ = Mood::answers;
  int status_ = 200;
  std::string body_;
  std::vector<Arrival> arrivals_;
  std::vector<Known> book_;
};

class StrictFake : public Systems {
 public:
  explicit StrictFake(std::shared_ptr<Far> far);
  ~StrictFake() override;  // calls still in the air end as unknown
  void call(const CallRequest& request, std::function<void(CallResult)> done) override;
  LookupResult look_up(const Target& target, const std::string& key) override;
  Result<std::vector<SubjectEffect>> look_up_subject(const Target& target, const std::string& subject) override;
  Status settle(const Target& target, const std::string& key, SettleVerb verb) override;

  /// The system goes on: hanging calls get their answer.
  void release();
  /// Hanging calls of a shorter time-out are over.
  void let_pass(std::int64_t ms);

 private:
  struct InAir {
    CallRequest request;
    std::function<void(CallResult)> done;
  };
  std::optional<std::pair<int, std::string>> ask(const Arrival& arrival);
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
