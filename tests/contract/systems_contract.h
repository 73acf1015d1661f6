// What every way to an external system promises (stores/systems/port.h), as cases against the port and a system at the other
// end that can be told how to behave. A case gets both for itself.
#pragma once
#include <future>
#include <map>
#include <mutex>
#include <vector>

#include "base/testing.h"
#include "contract/words.h"
#include "stores/systems/port.h"
#include "stores/systems/strict_fake.h"

namespace backstitch::systems::contract {

using namespace backstitch::contract;

class House {
 public:
  virtual ~House() = default;
  virtual Systems& systems() = 0;
  virtual Far& far() = 0;
  /// Where the system is, or, when it is gone, was. Its name is "keyed".
  virtual std::string base() = 0;
  /// Calls that hang get their answer.
  virtual void release() = 0;
  /// So much time is over; on a real clock it passes by itself.
  virtual void let_pass(std::int64_t ms) = 0;
};
using SystemsCase = Case<House>;

constexpr std::int64_t patient_ms = 20'000, short_ms = 100;
const std::string key = "eff_01ABC.1";

inline CallRequest request_to(House& house, const std::string& call_key = key) {
  CallRequest request;
  request.target.base = house.base();
  request.target.method = "POST", request.target.path = "/v1/provision";
  request.key = call_key, request.subject = "A-1/1/provision", request.body = R"({"bandwidth":500})";
  request.epoch = 3, request.timeout_ms = patient_ms;
  return request;
}

/// A call on its way; knows how often it was answered.
class Sent {
 public:
  Sent(House& house, const CallRequest& request) {
    house.systems().call(request, [state = state_](CallResult result) {
      const std::lock_guard lock(state->mutex);
      state->results.push_back(std::move(result));
    });
  }
  std::size_t answers() const {
    const std::lock_guard lock(state_->mutex);
    return state_->results.size();
  }
  CallResult result() const {
    require(backstitch::testing::wait_until([&] { return answers() > 0; }, patient_ms), "a call was never answered");
    const std::lock_guard lock(state_->mutex);
    return state_->results.front();
  }

 private:
  struct State {
    std::mutex mutex;
    std::vector<CallResult> results;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

inline CallResult call(House& house) { return Sent(house, request_to(house)).result(); }
inline Target settling_target(House& house) {
  Target target;
  target.base = house.base(), target.lookup = true, target.cancel = true;
  return target;
}
inline LookupResult look_up(House& house) { return house.systems().look_up(settling_target(house), key); }
inline void came_to(const CallResult& result, CallOutcome outcome, const std::string& code) {
  same(std::string(to_text(result.outcome)), std::string(to_text(outcome)), "outcome of " + code);
  same(result.code, code, "code");
}
inline void all_come_to(House& house, const std::vector<int>& statuses, CallOutcome outcome) {
  for (const int status : statuses) {
    house.far().answers(status, R"({"status":1})");
    const CallResult result = call(house);
    came_to(result, outcome, fmt::format("keyed/{}", status));
    same(result.response, std::string(R"({"status":1})"), "response");
  }
  same(house.far().arrivals().size(), statuses.size(), "arrivals");
}
inline void looks_like(House& house, LookupState state, const std::string& what) {
  same(static_cast<int>(look_up(house).state), static_cast<int>(state), what);
}

inline void a_call_arrives_once_with_all_it_says(House& house) {
  call(house);
  const auto arrivals = house.far().arrivals();
  same(arrivals.size(), std::size_t{1}, "arrivals");
  same(arrivals[0].method, std::string("POST"), "method");
  same(arrivals[0].path, std::string("/keyed/v1/provision"), "path");
  same(arrivals[0].key, key, "key");
  same(arrivals[0].subject, std::string("A-1/1/provision"), "subject");
  same(arrivals[0].epoch, std::string("3"), "epoch");
  same(arrivals[0].body, std::string(R"({"bandwidth":500})"), "body");
}

inline void a_success_is_done(House& house) { all_come_to(house, {200, 201, 202, 299}, CallOutcome::done); }
inline void who_calls_back_is_told_where_and_accepts(House& house) {
  CallRequest request = request_to(house);
  request.target.asynchronous = true, request.callback_url = "http://127.0.0.1:8480/api/v1/callbacks/x";
  for (const auto& [status, outcome] : {std::pair(202, CallOutcome::accepted), std::pair(200, CallOutcome::done),
                                        std::pair(422, CallOutcome::refused), std::pair(500, CallOutcome::unknown)}) {
    house.far().answers(status, "{}");
    came_to(Sent(house, request).result(), outcome, fmt::format("keyed/{}", status));
  }
  for (const Arrival& arrival : house.far().arrivals()) same(arrival.callback_url, request.callback_url, "where to call back");
}
inline void a_decision_is_a_refusal(House& house) { all_come_to(house, {400, 403, 404, 409, 422}, CallOutcome::refused); }
inline void busy_is_provably_not_taken(House& house) { all_come_to(house, {429, 503}, CallOutcome::not_taken); }
inline void what_may_have_happened_is_unknown(House& house) {
  all_come_to(house, {302, 408, 500, 502, 504}, CallOutcome::unknown);
}

inline void only_json_is_handed_on(House& house) {
  house.far().answers(200, "<html>");
  const CallResult result = call(house);
  came_to(result, CallOutcome::done, "keyed/200");
  same(result.response, std::string(), "response");
}

inline void nobody_there_is_provably_not_taken(House& house) {
  house.far().be(Far::Mood::gone);
  came_to(call(house), CallOutcome::not_taken, "keyed/unreachable");
}

inline void a_lost_answer_is_unknown_and_nothing_is_repeated(House& house) {
  house.far().answers(200, "{}");
  came_to(call(house), CallOutcome::done, "keyed/200");
  house.far().be(Far::Mood::drops);
  came_to(call(house), CallOutcome::unknown, "keyed/no-answer");
  same(house.far().arrivals().size(), std::size_t{2}, "arrivals");
}

inline void no_answer_in_time_is_unknown(House& house) {
  house.far().be(Far::Mood::hangs);
  CallRequest request = request_to(house);
  request.timeout_ms = short_ms;
  const Sent sent(house, request);
  house.let_pass(short_ms);
  came_to(sent.result(), CallOutcome::unknown, "keyed/no-answer");
  require(backstitch::testing::wait_until([&] { return house.far().arrivals().size() == 1; }), "it was not even taken");
  house.release();
}

inline void calls_overlap(House& house) {
  house.far().answers(200, "{}");
  house.far().be(Far::Mood::hangs);
  const Sent first(house, request_to(house)), second(house, request_to(house, "eff_02ABC.1"));
  require(backstitch::testing::wait_until([&] { return house.far().arrivals().size() == 2; }), "one waits for the other");
  same(first.answers() + second.answers(), std::size_t{0}, "answers before the system's");
  house.release();
  came_to(first.result(), CallOutcome::done, "keyed/200");
  came_to(second.result(), CallOutcome::done, "keyed/200");
}

inline void every_call_has_one_answer(House& house) {
  std::vector<Sent> sent;
  for (int i = 0; i < 50; ++i) sent.emplace_back(house, request_to(house, fmt::format("eff_{:02}.1", i)));
  for (const Sent& one : sent) came_to(one.result(), CallOutcome::done, "keyed/200");
  call(house);  // a second answer to one of them would have come by now
  for (const Sent& one : sent) same(one.answers(), std::size_t{1}, "answers");
  std::map<std::string, int> arrived;
  for (const Arrival& arrival : house.far().arrivals()) ++arrived[arrival.key];
  same(arrived.size(), std::size_t{51}, "keys");
  for (const auto& [call_key, times] : arrived) same(times, 1, call_key);
}

inline void a_look_up_asks_for_the_key(House& house) {
  house.far().answers(200, R"({"state":"done","digest":"d","response":{"circuitId":"C-1"},"at":"2026-11-23T05:21:00Z"})");
  const LookupResult result = look_up(house);
  same(static_cast<int>(result.state), static_cast<int>(LookupState::done), "state");
  same(result.response, std::string(R"({"circuitId":"C-1"})"), "response");
  same(result.digest, std::string("d"), "digest");
  const auto arrivals = house.far().arrivals();
  same(arrivals.size(), std::size_t{1}, "arrivals");
  same(arrivals[0].path, "/keyed/effects/" + key, "path");
}

inline void a_look_up_has_its_meaning(House& house) {
  const std::vector<std::tuple<int, std::string, LookupState>> meanings = {{200, R"({"state":"done"})", LookupState::done},
                                                                           {200, R"({"state":"failed"})", LookupState::failed},
                                                                           {200, R"({"state":"running"})", LookupState::running},
                                                                           {404, "{}", LookupState::absent},
                                                                           {410, "{}", LookupState::expired}};
  for (const auto& [status, body, state] : meanings) {
    house.far().answers(status, body);
    looks_like(house, state, fmt::format("{} {}", status, body));
  }
}

inline void nonsense_at_a_look_up_is_unknown(House& house) {
  for (const char* body : {"{}", R"({"state":7})", R"({"state":"dreaming"})", "[]", "not JSON"}) {
    house.far().answers(200, body);
    looks_like(house, LookupState::unknown, body);
  }
  for (const int status : {204, 302, 403, 500, 503}) {
    house.far().answers(status, status == 204 ? "" : R"({"state":"done"})");
    looks_like(house, LookupState::unknown, std::to_string(status));
  }
}

inline void silence_at_a_look_up_is_not_absence(House& house) {
  for (const Far::Mood mood : {Far::Mood::drops, Far::Mood::gone}) {
    house.far().be(mood);
    looks_like(house, LookupState::unknown, mood == Far::Mood::gone ? "gone" : "drops");
  }
}

// A subject is free text of orders: it needs no mercy on its way.
const std::string odd_subject = "A 1&x=%2F/O-1:1+ä/access/provision";

inline void effects_of_a_subject_are_told_whatever_the_key(House& house) {
  const Time at{1'700'000'000'000'000};
  house.far().knows(odd_subject, {"eff_A.1", LookupState::failed, "d1", R"({"why":"full"})", at});
  house.far().knows(odd_subject, {"eff_B.2", LookupState::done, "d2", R"({"circuitId":"C-1"})", at.plus_ms(5)});
  house.far().knows("A-2/O1:1/access/provision", {"eff_C.1", LookupState::done, "d3", "{}", at});
  const auto effects = value_of(house.systems().look_up_subject(settling_target(house), odd_subject), "look_up_subject");
  same(effects.size(), std::size_t{2}, "effects");
  same(effects[0].key, std::string("eff_A.1"), "the first key");
  same(static_cast<int>(effects[0].state), static_cast<int>(LookupState::failed), "the first state");
  same(effects[1].key, std::string("eff_B.2"), "the second key");
  same(static_cast<int>(effects[1].state), static_cast<int>(LookupState::done), "the second state");
  same(effects[1].digest, std::string("d2"), "digest");
  same(effects[1].response, std::string(R"({"circuitId":"C-1"})"), "response");
  same(effects[1].at.us, at.plus_ms(5).us, "time");
  require(value_of(house.systems().look_up_subject(settling_target(house), "nobody"), "look_up_subject").empty(),
          "a subject without effects has some");
}

inline void what_is_no_list_of_effects_is_not_nothing(House& house) {
  for (const char* body :
       {"{}", "[]", "not JSON", R"({"items":7})", R"({"items":[],"next":"page-2"})", R"({"items":[{"state":"done"}]})"}) {
    house.far().answers(200, body);
    refused(house.systems().look_up_subject(settling_target(house), odd_subject), Code::unreachable, body);
  }
  for (const int status : {404, 405, 500, 503}) {
    house.far().answers(status, R"({"items":[],"next":null})");
    refused(house.systems().look_up_subject(settling_target(house), odd_subject), Code::unreachable, std::to_string(status));
  }
  for (const Far::Mood mood : {Far::Mood::drops, Far::Mood::gone}) {
    house.far().be(mood);
    refused(house.systems().look_up_subject(settling_target(house), odd_subject), Code::unreachable, "silence");
  }
}

inline void a_cancelled_effect_is_done_no_more(House& house) {
  for (const char* one : {"eff_01ABC.1", "eff_other.1"}) house.far().knows(odd_subject, {one, LookupState::done, "d", "{}", {}});
  for (int times = 0; times < 2; ++times) done(house.systems().settle(settling_target(house), key, SettleVerb::cancel), "cancel");
  looks_like(house, LookupState::failed, "after cancel");
  same(static_cast<int>(house.systems().look_up(settling_target(house), "eff_other.1").state),
       static_cast<int>(LookupState::done), "another effect");
  done(house.systems().settle(settling_target(house), key, SettleVerb::redo), "redo");
  looks_like(house, LookupState::done, "after redo");
  done(house.systems().settle(settling_target(house), key, SettleVerb::accept), "accept");
  looks_like(house, LookupState::done, "after accept");
}

inline void a_system_that_will_not_settle_says_so(House& house) {
  const auto settle = [&] { return house.systems().settle(settling_target(house), key, SettleVerb::cancel); };
  for (const int status : {400, 404, 405, 409}) {
    house.far().answers(status, "{}");
    refused(settle(), Code::decision_invalid, std::to_string(status));
  }
  for (const int status : {302, 408, 429, 500, 503}) {
    house.far().answers(status, "{}");
    refused(settle(), Code::unknown_outcome, std::to_string(status));
  }
  for (const Far::Mood mood : {Far::Mood::drops, Far::Mood::gone}) {
    house.far().be(mood);
    refused(settle(), Code::unknown_outcome, "silence");
  }
}

inline std::vector<SystemsCase> cases() {
#define BACKSTITCH_CASE(name) \
  SystemsCase { #name, name }
  return {BACKSTITCH_CASE(a_call_arrives_once_with_all_it_says),
          BACKSTITCH_CASE(a_success_is_done),
          BACKSTITCH_CASE(who_calls_back_is_told_where_and_accepts),
          BACKSTITCH_CASE(a_decision_is_a_refusal),
          BACKSTITCH_CASE(busy_is_provably_not_taken),
          BACKSTITCH_CASE(what_may_have_happened_is_unknown),
          BACKSTITCH_CASE(only_json_is_handed_on),
          BACKSTITCH_CASE(nobody_there_is_provably_not_taken),
          BACKSTITCH_CASE(a_lost_answer_is_unknown_and_nothing_is_repeated),
          BACKSTITCH_CASE(no_answer_in_time_is_unknown),
          BACKSTITCH_CASE(calls_overlap),
          BACKSTITCH_CASE(every_call_has_one_answer),
          BACKSTITCH_CASE(a_look_up_asks_for_the_key),
          BACKSTITCH_CASE(a_look_up_has_its_meaning),
          BACKSTITCH_CASE(nonsense_at_a_look_up_is_unknown),
          BACKSTITCH_CASE(silence_at_a_look_up_is_not_absence),
          BACKSTITCH_CASE(effects_of_a_subject_are_told_whatever_the_key),
          BACKSTITCH_CASE(what_is_no_list_of_effects_is_not_nothing),
          BACKSTITCH_CASE(a_cancelled_effect_is_done_no_more),
          BACKSTITCH_CASE(a_system_that_will_not_settle_says_so)};
#undef BACKSTITCH_CASE
}

}  // namespace backstitch::systems::contract
