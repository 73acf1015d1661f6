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
  const char* decided = effect.done && !effect.undone ? "done" : "failed";
  boost::json::object json{{"state", effect.out ? decided : "running"},
                           {"digest", effect.digest},
                           {"at", rfc3339(effect.at)},
                           {"key", effect.key},
                           {"subject", effect.subject}};
  if (effect.out) json["response"] = parse_json(effect_response(effect)).value();
  if (effect.undone) json["cancelled"] = true;
  if (effect.accepted) json["accepted"] = true;
  return json;
}

void Book::apply(const Entry& entry) {
  switch (entry.kind) {
    case Kind::call: return apply_call(entry);
    case Kind::settle: return settle(entry);
    case Kind::out:
    case Kind::callback: return apply_result(entry);
  }
}

void Book::apply_call(const Entry& entry) {
  ++calls_;
  ++calls_by_outcome_[to_text(entry.outcome)];
  ++calls_by_key_[entry.key];
  ++subjects_[entry.subject].calls;
  if (entry.reply_lost) ++replies_lost_;
  if (entry.outcome == Outcome::remembered) take_address(entry);
  if (entry.outcome != Outcome::executed && entry.outcome != Outcome::refused) return;
  add_effect({.key = entry.key,
              .subject = entry.subject,
              .operation = entry.operation,
              .digest = entry.digest,
              .callback_url = entry.callback_url,
              .done = entry.outcome == Outcome::executed,
              .out = entry.callback_url.empty(),
              .at = entry.at});
}

/// A caller may have moved since: its latest word says where it wants the result.
void Book::take_address(const Entry& entry) {
  const auto found = latest_by_key_.find(entry.key);
  if (found != latest_by_key_.end() && waiting_.contains(found->second))
    effects_[found->second].callback_url = entry.callback_url;
}

void Book::apply_result(const Entry& entry) {
  if (entry.kind == Kind::callback) ++callbacks_delivered_;
  const auto found = latest_by_key_.find(entry.key);
  if (found == latest_by_key_.end()) return;
  if (entry.kind == Kind::callback) end_wait(found->second);
  effects_[found->second].out = true;
}

/// Nothing is sent of it any more, and what became of it shows.
void Book::end_wait(std::size_t index) {
  effects_[index].out = true;
  waiting_.erase(index);
}

void Book::add_effect(Effect effect) {
  auto& subject = subjects_[effect.subject];
  if (effect.done) ++subject.executions;
  subject.effects.push_back(effects_.size());
  if (const auto former = latest_by_key_.find(effect.key); former != latest_by_key_.end()) end_wait(former->second);
  if (!effect.out) waiting_.insert(effects_.size());
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
    end_wait(found->second);
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
