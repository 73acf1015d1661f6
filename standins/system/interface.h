// One of the system's four interfaces: decides each call, writes it down, and answers questions about it.
//
//   keyed   idempotent per key, forgets keys after their lifetime, answers look-ups at once
//   lookup  executes every call; an execution shows in look-ups only after a lag
//   blind   executes every call and answers no look-up
//   later   as keyed, but a call is answered 202 and runs until its result is out, which is called back
#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/net/http_server.h"
#include "standins/common/ledger.h"
#include "standins/system/book.h"
#include "standins/system/faults.h"
#include "standins/system/outbox.h"

namespace backstitch::standin {

struct Policy {
  std::string name;
  bool idempotent = false;
  bool answers_look_ups = false;
  bool calls_back = false;
  std::int64_t look_up_lag_ms = 0;
  std::int64_t key_lifetime_ms = 0;  // of an idempotent interface
};

struct IncomingCall {
  std::string operation, key, subject, epoch, body;
  std::string callback_url;  // of an interface that calls back
};

/// Thread-safe. Answers rest on lines of the ledger that may not be synced yet: the caller settles the ledger first.
class Interface {
 public:
  Interface(Policy policy, std::uint64_t seed, Ledger& ledger)
      : policy_(std::move(policy)), seed_(seed), ledger_(ledger), outbox_(policy_.name, seed) {}

  /// Takes as long as the latency says.
  HttpResponse serve(const IncomingCall& call);
  HttpResponse look_up(const std::string& key, Time now) const;
  HttpResponse look_up_subject(const std::string& subject, Time now) const;
  HttpResponse settle(const std::string& key, Verb verb, Time now);

  /// Lets out the results whose time has come, and picks what is to be sent by now, at most `room` letters.
  Round next_round(Time now, std::size_t room);
  /// What became of a letter that was picked: the status of the answer, 0 for none.
  void sent(const Letter& letter, int status, Time now);

  const Policy& policy() const { return policy_; }
  Faults faults() const;
  void set_faults(const Faults& faults);
  void replay(const Entry& entry);
  boost::json::object summary() const;
  boost::json::array subjects(std::int64_t executed_min) const;

 private:
  HttpResponse decide(const IncomingCall& call, Time now);
  Outcome outcome_of(const IncomingCall& call, const std::string& digest, const std::string& nth, Time now) const;
  void postpone(const IncomingCall& call, Entry& entry) const;
  HttpResponse answer(const Effect& effect) const;
  bool forgotten(const Effect& effect, Time now) const;
  bool visible(const Effect& effect, Time now) const;
  void record(const Entry& entry);

  const Policy policy_;
  const std::uint64_t seed_;
  Ledger& ledger_;
  mutable std::mutex mutex_;
  Book book_;
  Faults faults_;
  Outbox outbox_;
  std::unordered_map<std::string, int> running_;  // keys of calls that have arrived and are not decided yet
};

}  // namespace backstitch::standin
