// Systems that are wrong on purpose, to see the contract's cases fail. Tests only.
#pragma once
#include <set>
#include <vector>

#include "stores/systems/strict_fake.h"

namespace backstitch::systems {

enum class Wrong {
  repeats_lost_calls,           // a lost answer is asked for by a second call
  takes_500_for_a_refusal,      // it may have been executed
  takes_408_for_a_refusal,      // so may this
  takes_busy_for_a_refusal,     // a 429 is no decision
  takes_silence_for_not_taken,  // the call would go out again
  takes_nobody_for_unknown,     // people are asked for nothing
  hands_on_anything,            // a page becomes the response
  forgets_responses,            // the answer's content is lost
  answers_twice,                // one call, two results
  drops_subjects,               // a system that judges by subject is blind
  cuts_keys,                    // the call's number is lost
  looks_up_another_key,         // somebody else's effect
  takes_silence_for_absent,     // look-up: the call would go out again
  takes_expired_for_absent,     // so it would here
  takes_errors_for_answers,     // look-up: a 500's body is believed
  takes_nonsense_for_running,   // a state nobody knows waits for ever
  drops_digests,                // look-up: nobody sees that another request was executed
  asks_for_another_subject,     // somebody else's effects
  takes_silence_for_nothing,    // effects of a subject: the call would go out again
  takes_a_part_for_all,         // a list that goes on elsewhere
  settles_another_key,          // somebody else's effect is cancelled
  accepts_instead,              // what was to be cancelled stays
  takes_no_for_settled,         // the system will not, and nobody hears of it
  takes_silence_for_settled,    // nor here
  takes_acceptance_for_done,    // an item goes on before its system has ended
  keeps_where_to_call_back,     // an item waits for a call that nobody can make
};
inline std::vector<Wrong> all_wrongs() {
  std::vector<Wrong> wrongs;
  for (int i = 0; i <= static_cast<int>(Wrong::keeps_where_to_call_back); ++i) wrongs.push_back(static_cast<Wrong>(i));
  return wrongs;
}

class WrongFake : public StrictFake {
 public:
  WrongFake(std::set<Wrong> wrongs, std::shared_ptr<Far> far)
      : StrictFake(far), wrongs_(std::move(wrongs)), far_(std::move(far)) {}

  void call(const CallRequest& request, std::function<void(CallResult)> done) override {
    CallRequest sent = request;
    if (is(Wrong::drops_subjects)) sent.subject = "somebody";
    if (is(Wrong::cuts_keys)) sent.key = sent.key.substr(0, sent.key.find('.'));
    if (is(Wrong::keeps_where_to_call_back) && request.target.asynchronous) sent.callback_url = "http://127.0.0.1:1/";
    if (is(Wrong::repeats_lost_calls) && far_->mood() == Far::Mood::drops) StrictFake::call(sent, [](const CallResult&) {});
    // Copies: a call in the air is answered while this object is already half gone.
    StrictFake::call(sent, [wrongs = wrongs_, far = far_, done = std::move(done)](CallResult result) {
      spoil(wrongs, *far, result);
      done(result);
      if (wrongs.contains(Wrong::answers_twice)) done(result);
    });
  }
  LookupResult look_up(const Target& target, const std::string& key) override {
    LookupResult result = StrictFake::look_up(target, is(Wrong::looks_up_another_key) ? "eff_other.1" : key);
    const Far::Mood mood = far_->mood();
    const auto [status, body] = far_->reply();
    const bool answered = mood == Far::Mood::answers;
    if (!answered && is(Wrong::takes_silence_for_absent)) result.state = LookupState::absent;
    if (answered && status == 410 && is(Wrong::takes_expired_for_absent)) result.state = LookupState::absent;
    if (answered && status == 500 && is(Wrong::takes_errors_for_answers)) result.state = LookupState::done;
    const bool nonsense = answered && status == 200 && result.state == LookupState::unknown;
    if (nonsense && is(Wrong::takes_nonsense_for_running)) result.state = LookupState::running;
    if (is(Wrong::drops_digests)) result.digest.clear();
    return result;
  }
  Result<std::vector<SubjectEffect>> look_up_subject(const Target& target, const std::string& subject) override {
    auto effects = StrictFake::look_up_subject(target, is(Wrong::asks_for_another_subject) ? "somebody" : subject);
    const bool answered = far_->mood() == Far::Mood::answers;
    if (!answered && is(Wrong::takes_silence_for_nothing)) return std::vector<SubjectEffect>();
    if (answered && !effects && is(Wrong::takes_a_part_for_all)) return std::vector<SubjectEffect>();
    if (effects && is(Wrong::drops_digests))
      for (SubjectEffect& effect : *effects) effect.digest.clear();
    return effects;
  }
  Status settle(const Target& target, const std::string& key, SettleVerb verb) override {
    const Status settled = StrictFake::settle(target, is(Wrong::settles_another_key) ? "eff_other.1" : key,
                                              is(Wrong::accepts_instead) ? SettleVerb::accept : verb);
    const bool answered = far_->mood() == Far::Mood::answers;
    if (!settled && is(answered ? Wrong::takes_no_for_settled : Wrong::takes_silence_for_settled)) return {};
    return settled;
  }

 private:
  bool is(Wrong wrong) const { return wrongs_.contains(wrong); }
  static void spoil(const std::set<Wrong>& wrongs, const Far& far, CallResult& result) {
    const auto is = [&](Wrong wrong) { return wrongs.contains(wrong); };
    const auto ends = [&](const char* code) { return result.code.ends_with(code); };
    if (ends("/500") && is(Wrong::takes_500_for_a_refusal)) result.outcome = CallOutcome::refused;
    if (ends("/408") && is(Wrong::takes_408_for_a_refusal)) result.outcome = CallOutcome::refused;
    if (ends("/429") && is(Wrong::takes_busy_for_a_refusal)) result.outcome = CallOutcome::refused;
    if (ends("/no-answer") && is(Wrong::takes_silence_for_not_taken)) result.outcome = CallOutcome::not_taken;
    if (ends("/unreachable") && is(Wrong::takes_nobody_for_unknown)) result.outcome = CallOutcome::unknown;
    if (result.outcome == CallOutcome::accepted && is(Wrong::takes_acceptance_for_done)) result.outcome = CallOutcome::done;
    if (is(Wrong::hands_on_anything)) result.response = far.reply().second;
    if (is(Wrong::forgets_responses)) result.response.clear();
  }

  const std::set<Wrong> wrongs_;
  std::shared_ptr<Far> far_;
};

}  // namespace backstitch::systems
