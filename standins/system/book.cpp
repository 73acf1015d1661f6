#include "standins/system/book.h"

#include <boost/json.hpp>

#include "base/hash.h"
#include "base/json.h"

namespace backstitch::standin {

std::string effect_response(const Effect& effect) {
  if (!effect.done)
    return write_json(
        boost::json::object{{"code", "REFUSED"}, {"message", "the order is not accepted here"}, {"key", effect.key}});
  const std::string name = sha256_hex(effect.subject);
  std::uint64_t digits = digest64(effect.subject) % 10'000'000;
  return write_json(boost::json::object{{"circuitId", "C-" + name.substr(0, 12)},
                                        {"tenantId", "T-" + name.substr(12, 8)},
                                        {"msisdn", fmt::format("+4930{:07}", digits)},
                                        {"key", effect.key}});
}

boost::json::object effect_json(const Effect& effect) {
  boost::json::object json{{"state", effect.done && !effect.undone ? "done" : "failed"},
                           {"digest", effect.digest},
                           {"response", parse_json(effect_response(effect)).value()},
                           {"at", rfc3339(effect.at)},
                           {"key", effect.key},
                           {"subject", effect.subject}};
  if (effect.undone) json["cancelled"] = true;
  if (effect.accepted) json["accepted"] = true;
  return json;
}

void Book::apply(const Entry& entry) {
  if (entry.verb == Verb::none) {
    apply_call(entry);
  } else {
    settle(entry);
  }
}

void Book::apply_call(const Entry& entry) {
  ++calls_;
  ++calls_by_outcome_[to_text(entry.outcome)];
  ++calls_by_key_[entry.key];
  ++subjects_[entry.subject].calls;
  if (entry.reply_lost) ++replies_lost_;
  if (entry.outcome != Outcome::executed && entry.outcome != Outcome::refused) return;
  add_effect({.key = entry.key,
              .subject = entry.subject,
              .operation = entry.operation,
              .digest = entry.digest,
              .done = entry.outcome == Outcome::executed,
              .at = entry.at});
}

void Book::add_effect(Effect effect) {
  auto& subject = subjects_[effect.subject];
  if (effect.done) ++subject.executions;
  subject.effects.push_back(effects_.size());
  latest_by_key_[effect.key] = effects_.size();
  effects_.push_back(std::move(effect));
}

void Book::settle(const Entry& entry) {
  const auto found = latest_by_key_.find(entry.key);
  if (found == latest_by_key_.end()) return;
  Effect& effect = effects_[found->second];
  if (entry.verb == Verb::accept) {
    effect.accepted = true;
    return;
  }
  if (effect.done && !effect.undone) {
    effect.undone = true;
    ++subjects_[effect.subject].undone;
  }
  if (entry.verb == Verb::redo)
    add_effect({.key = effect.key,
                .subject = effect.subject,
                .operation = effect.operation,
                .digest = effect.digest,
                .done = true,
                .at = entry.at});
}

const Effect* Book::latest(const std::string& key) const {
  const auto found = latest_by_key_.find(key);
  return found == latest_by_key_.end() ? nullptr : &effects_[found->second];
}

const SubjectCount* Book::subject(const std::string& subject) const {
  const auto found = subjects_.find(subject);
  return found == subjects_.end() ? nullptr : &found->second;
}

std::int64_t Book::calls_of(const std::string& key) const {
  const auto found = calls_by_key_.find(key);
  return found == calls_by_key_.end() ? 0 : found->second;
}

boost::json::object Book::summary() const {
  std::int64_t executions = 0, undone = 0, executed = 0, executed_twice = 0;
  for (const auto& [name, count] : subjects_) {
    executions += count.executions;
    undone += count.undone;
    if (count.net() >= 1) ++executed;
    if (count.net() >= 2) ++executed_twice;
  }
  boost::json::object outcomes;
  for (const Outcome outcome :
       {Outcome::executed, Outcome::remembered, Outcome::refused, Outcome::unavailable, Outcome::key_reused}) {
    const auto found = calls_by_outcome_.find(to_text(outcome));
    outcomes[to_text(outcome)] = found == calls_by_outcome_.end() ? 0 : found->second;
  }
  return {{"calls", calls_},
          {"executions", executions},
          {"executionsUndone", undone},
          {"subjects", subjects_.size()},
          {"subjectsExecuted", executed},
          {"subjectsExecutedTwice", executed_twice},
          {"callsByOutcome", std::move(outcomes)},
          {"repliesLost", replies_lost_}};
}

boost::json::array Book::subjects(std::int64_t executed_min) const {
  boost::json::array items;
  for (const auto& [name, count] : subjects_) {
    if (count.net() < executed_min) continue;
    boost::json::array effects;
    for (const std::size_t index : count.effects) effects.push_back(effect_json(effects_[index]));
    items.push_back({{"subject", name},
                     {"calls", count.calls},
                     {"executions", count.executions},
                     {"undone", count.undone},
                     {"effects", std::move(effects)}});
  }
  return items;
}

}  // namespace backstitch::standin
