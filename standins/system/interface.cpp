#include "standins/system/interface.h"

#include <boost/json.hpp>
#include <thread>

#include "base/hash.h"
#include "base/json.h"
#include "standins/common/chance.h"
#include "standins/common/routes.h"

namespace backstitch::standin {
namespace {

std::string body_digest(const std::string& body) {
  const auto document = parse_json(body);
  return digest64_text(digest64(document ? canonical_json(*document) : body));
}

void take_time(std::int64_t ms) {
  if (ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

}  // namespace

HttpResponse Interface::serve(const IncomingCall& call) {
  std::int64_t latency_ms = 0;
  {
    std::lock_guard lock(mutex_);
    ++running_[call.key];
    const std::string nth = std::to_string(book_.calls_of(call.key));
    latency_ms = draw_between(faults_.latency_min_ms, faults_.latency_max_ms, seed_, {policy_.name, "latency", call.key, nth});
  }
  // Half before and half after the work, so that a caller can die on either side of it.
  take_time(latency_ms / 2);
  HttpResponse response;
  {
    std::lock_guard lock(mutex_);
    if (--running_[call.key] == 0) running_.erase(call.key);
    response = decide(call, wall_clock());
  }
  take_time(latency_ms - latency_ms / 2);
  return response;
}

HttpResponse Interface::decide(const IncomingCall& call, Time now) {
  const std::string nth = std::to_string(book_.calls_of(call.key));
  Entry entry{.interface = policy_.name,
              .key = call.key,
              .subject = call.subject,
              .operation = call.operation,
              .epoch = call.epoch,
              .digest = body_digest(call.body),
              .at = now};
  entry.outcome = outcome_of(call, entry.digest, nth, now);
  if (policy_.calls_back) postpone(call, entry);
  if (entry.outcome != Outcome::unavailable) entry.reply_lost = draw(seed_, {policy_.name, "lost", call.key, nth}) < faults_.lost;
  record(entry);

  if (entry.outcome == Outcome::unavailable) return error_answer(503, "UNAVAILABLE", "not taken; nothing was done");
  HttpResponse response = entry.outcome == Outcome::key_reused
                              ? error_answer(422, "KEY_REUSED", "this key was used with another body")
                              : answer(*book_.latest(call.key));
  response.drop_connection = entry.reply_lost;
  return response;
}

/// What is accepted is decided now all the same, whatever comes out later. A refusal at once is an answer, and has no callback.
void Interface::postpone(const IncomingCall& call, Entry& entry) const {
  if (entry.outcome != Outcome::executed && entry.outcome != Outcome::remembered) return;
  entry.callback_url = call.callback_url;
  const bool refused = draw(seed_, {policy_.name, "refuse-later", call.key}) < faults_.refuse_later;
  if (refused && entry.outcome == Outcome::executed) entry.outcome = Outcome::refused;
}

HttpResponse Interface::answer(const Effect& effect) const {
  if (effect.undone) return error_answer(409, "CANCELLED", "what was done under this key was cancelled");
  if (!effect.out) return json_answer(202, boost::json::object{{"state", "running"}, {"key", effect.key}});
  return {.status = effect.done ? 200 : 422, .body = effect_response(effect)};
}

/// What is remembered comes first: a 503 then says of its key that nothing was ever done under it.
Outcome Interface::outcome_of(const IncomingCall& call, const std::string& digest, const std::string& nth, Time now) const {
  const Effect* known = policy_.idempotent ? book_.latest(call.key) : nullptr;
  if (known && !forgotten(*known, now)) return known->digest == digest ? Outcome::remembered : Outcome::key_reused;
  if (draw(seed_, {policy_.name, "error", call.key, nth}) < faults_.error) return Outcome::unavailable;
  if (draw(seed_, {policy_.name, "refuse", call.key}) < faults_.refuse) return Outcome::refused;
  if (!faults_.refuse_of.empty() && call.subject.find(faults_.refuse_of) != std::string::npos) return Outcome::refused;
  return Outcome::executed;
}

/// Nobody forgets what is still at work.
bool Interface::forgotten(const Effect& effect, Time now) const {
  return policy_.idempotent && effect.out && now >= effect.at.plus_ms(policy_.key_lifetime_ms);
}

bool Interface::visible(const Effect& effect, Time now) const { return now >= effect.at.plus_ms(policy_.look_up_lag_ms); }

HttpResponse Interface::look_up(const std::string& key, Time now) const {
  if (!policy_.answers_look_ups) return error_answer(405, "NO_LOOK_UP", "this interface answers no look-ups");
  std::lock_guard lock(mutex_);
  const Effect* effect = book_.latest(key);
  if (effect && forgotten(*effect, now)) return error_answer(410, "KEY_EXPIRED", "the lifetime of this key is over");
  if (effect && visible(*effect, now)) return json_answer(200, effect_json(*effect));
  // A lagging index shows no call that is still at work either.
  if (!effect && policy_.look_up_lag_ms == 0 && running_.contains(key))
    return json_answer(200, boost::json::object{{"state", "running"}, {"key", key}});
  return error_answer(404, "NOT_KNOWN", "no effect of this key is known");
}

HttpResponse Interface::look_up_subject(const std::string& subject, Time now) const {
  if (!policy_.answers_look_ups) return error_answer(405, "NO_LOOK_UP", "this interface answers no look-ups");
  std::lock_guard lock(mutex_);
  boost::json::array items;
  if (const SubjectCount* count = book_.subject(subject))
    for (const std::size_t index : count->effects)
      if (visible(book_.effect(index), now)) items.push_back(effect_json(book_.effect(index)));
  return json_answer(200, boost::json::object{{"subject", subject}, {"items", std::move(items)}, {"next", nullptr}});
}

HttpResponse Interface::settle(const std::string& key, Verb verb, Time now) {
  if (!policy_.answers_look_ups) return error_answer(405, "NO_SETTLING", "this interface settles nothing");
  std::lock_guard lock(mutex_);
  if (!book_.latest(key)) return error_answer(404, "NOT_KNOWN", "no effect of this key is known");
  record({.kind = Kind::settle, .interface = policy_.name, .key = key, .verb = verb, .at = now});
  return json_answer(200, effect_json(*book_.latest(key)));
}

Round Interface::next_round(Time now, std::size_t room) {
  std::lock_guard lock(mutex_);
  for (const std::size_t index : outbox_.due(book_, faults_, now))
    record({.kind = Kind::out, .interface = policy_.name, .key = book_.effect(index).key, .at = now});
  return outbox_.pick(book_, faults_, now, room);
}

void Interface::sent(const Letter& letter, int status, Time now) {
  std::lock_guard lock(mutex_);
  const bool delivered = outbox_.sent(letter, status, faults_, now);
  // Taken back or executed anew meanwhile: that it arrived is no more than noise.
  if (!delivered || !book_.waiting().contains(letter.effect)) return;
  const Effect& effect = book_.effect(letter.effect);
  record({.kind = Kind::callback,
          .interface = policy_.name,
          .key = effect.key,
          .outcome = effect.done ? Outcome::executed : Outcome::refused,
          .status = status,
          .at = now});
}

void Interface::record(const Entry& entry) {
  book_.apply(entry);
  ledger_.append(entry_json(entry));
}

Faults Interface::faults() const {
  std::lock_guard lock(mutex_);
  return faults_;
}

void Interface::set_faults(const Faults& faults) {
  std::lock_guard lock(mutex_);
  faults_ = faults;
  outbox_.faults_changed();
}

void Interface::replay(const Entry& entry) {
  std::lock_guard lock(mutex_);
  book_.apply(entry);
}

boost::json::object Interface::summary() const {
  std::lock_guard lock(mutex_);
  boost::json::object summary = book_.summary();
  summary["undecided"] = running_.size();
  if (policy_.calls_back) {
    summary["callbacksDelivered"] = book_.callbacks_delivered();
    summary["callbacksWaiting"] = book_.waiting().size();
  }
  return summary;
}

boost::json::array Interface::subjects(std::int64_t executed_min) const {
  std::lock_guard lock(mutex_);
  return book_.subjects(executed_min);
}

}  // namespace backstitch::standin
