// What an interface remembers: a fold over its ledger's entries. Live work and the start after a crash go through the same
// apply(), so a restarted system cannot remember anything else than the one before.
#pragma once
#include <boost/json/fwd.hpp>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "standins/system/entry.h"

namespace backstitch::standin {

/// Something decided: an execution, or a refusal.
struct Effect {
  std::string key, subject, operation, digest;
  std::string callback_url;  // where the result is sent; empty: the call's answer was the result
  bool done = false;         // false: refused
  bool undone = false, accepted = false;
  bool out = true;  // the result shows; until then the effect is running
  Time at;
};
std::string effect_response(const Effect& effect);  // the result's body, a function of subject and key only
/// {"state":"done|failed","digest","response","at",…}; of a running one without the response.
boost::json::object effect_json(const Effect& effect);

struct SubjectCount {
  std::int64_t calls = 0, executions = 0, undone = 0;
  std::vector<std::size_t> effects;
  std::int64_t net() const { return executions - undone; }
};

/// Not thread-safe.
class Book {
 public:
  void apply(const Entry& entry);

  const Effect* latest(const std::string& key) const;  // null when the key was never decided
  const SubjectCount* subject(const std::string& subject) const;
  const Effect& effect(std::size_t index) const { return effects_[index]; }
  std::int64_t calls_of(const std::string& key) const;
  /// Accepted, and the result neither delivered nor overtaken: taken back, or executed anew under the same key. Oldest first.
  const std::set<std::size_t>& waiting() const { return waiting_; }
  std::int64_t callbacks_delivered() const { return callbacks_delivered_; }

  boost::json::object summary() const;
  /// Subjects with at least this many net executions, each with its effects.
  boost::json::array subjects(std::int64_t executed_min) const;

 private:
  void apply_call(const Entry& entry);
  void settle(const Entry& entry);
  void apply_result(const Entry& entry);
  void take_address(const Entry& entry);
  void add_effect(Effect effect);
  void end_wait(std::size_t index);

  std::vector<Effect> effects_;
  std::unordered_map<std::string, std::size_t> latest_by_key_;
  std::unordered_map<std::string, std::int64_t> calls_by_key_;
  std::map<std::string, SubjectCount> subjects_;  // in order, so that two lists can be compared
  std::unordered_map<std::string, std::int64_t> calls_by_outcome_;
  std::set<std::size_t> waiting_;
  std::int64_t calls_ = 0, replies_lost_ = 0, callbacks_delivered_ = 0;
};

}  // namespace backstitch::standin
