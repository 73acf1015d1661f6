// What asking a system about its effects, and telling it what becomes of them, promises.
#pragma once
#include "contract/systems/house.h"

namespace backstitch::systems::contract {

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

}  // namespace backstitch::systems::contract
