// What every way to an external system promises (stores/systems/port.h), as cases against the port and a system at the other end.
#pragma once
#include "contract/systems/house.h"
#include "contract/systems/questions.h"

namespace backstitch::systems::contract {

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
