// What every machine that keeps lanes by itself promises (Workers::keep in stores/workers/port.h), as cases against the port and
// the house around it. It makes a wish true in its own time, so a case tells the wish again and again, as the worker-manager
// does, and waits. A case gets a house of its own in which nothing runs.
#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/testing.h"
#include "contract/words.h"
#include "stores/workers/port.h"

namespace backstitch::workers::contract {

using namespace backstitch::contract;

class LaneHouse {
 public:
  virtual ~LaneHouse() = default;
  virtual Workers& workers() = 0;
  /// The platform has died and starts again: another object at the same place.
  virtual void next_life() = 0;
  /// kill -9 from outside; returns when it is gone.
  virtual void kill(const Running& worker) = 0;
  /// It is as far as to hear that it shall finish.
  virtual bool ready(const Running& worker) = 0;
  /// It left by itself, after it was asked. Workers of the lane "stubborn" never do.
  virtual bool finished(const Running& worker) = 0;
  /// How long a wish may take.
  virtual int patience_ms() const = 0;
};
using LanesCase = Case<LaneHouse>;

constexpr std::int64_t patient_grace_ms = 20'000, short_grace_ms = 100;
using Wish = std::vector<Lane>;

inline std::map<std::string, std::string> by_slot(LaneHouse& house) {
  std::map<std::string, std::string> out;
  for (const Running& worker : value_of(house.workers().running(), "running"))
    require(out.emplace(worker.slot, worker.name).second, "twice in " + worker.slot);
  return out;
}
inline std::string slots_text(LaneHouse& house) {
  std::string out;
  for (const auto& [slot, name] : by_slot(house)) out += (out.empty() ? "" : " ") + slot;
  return out;
}
/// In another life a worker may stand in another slot of its lane.
inline std::set<std::string> names_in(LaneHouse& house) {
  std::set<std::string> names;
  for (const auto& [slot, name] : by_slot(house)) names.insert(name);
  return names;
}
/// Tells the wish until `holds`; what the machine says of it, it says as true.
template <class Holds>
void until(LaneHouse& house, const Wish& wish, const std::string& what, Holds holds) {
  const bool came = testing::wait_until(
      [&] {
        require(value_of(house.workers().keep(wish), "keep"), "it does not keep lanes by itself");
        return holds();
      },
      house.patience_ms());
  require(came, what + ": " + slots_text(house));
}
inline std::map<std::string, std::string> comes_to(LaneHouse& house, const Wish& wish, const std::string& slots) {
  std::map<std::string, std::string> all;
  until(house, wish, "instead of " + slots, [&] {
    if (slots_text(house) != slots) return false;
    all = by_slot(house);
    return std::all_of(all.begin(), all.end(), [&](const auto& one) { return house.ready({one.first, one.second}); });
  });
  return all;
}
inline void gone(LaneHouse& house, const Wish& wish, const std::string& name) {
  until(house, wish, name + " is taken for alive", [&] { return !house.workers().alive(name); });
}

inline void nothing_runs_unasked(LaneHouse& house) { same(slots_text(house), std::string(), "at first"); }

inline void a_wish_comes_true(LaneHouse& house) {
  const auto all = comes_to(house, {{"default", 2, 4}, {"none", 0, 4}, {"slow-lane", 1, 1}}, "default/0 default/1 slow-lane/0");
  std::set<std::string> names;
  for (const auto& [slot, name] : all) {
    require(house.workers().alive(name), name + " is taken for dead");
    names.insert(name);
  }
  same(names.size(), all.size(), "different names");
}

inline void a_changed_wish_is_followed(LaneHouse& house) {
  comes_to(house, {{"default", 1, 4}}, "default/0");
  comes_to(house, {{"default", 3, 4}, {"slow-lane", 1, 4}}, "default/0 default/1 default/2 slow-lane/0");
  comes_to(house, {{"slow-lane", 1, 4}}, "slow-lane/0");
  comes_to(house, {}, "");
  comes_to(house, {{"default", 1, 4}}, "default/0");
}

inline void a_wish_told_again_changes_nothing(LaneHouse& house) {
  const Wish wish = {{"default", 2, 4}};
  const auto before = comes_to(house, wish, "default/0 default/1");
  for (int i = 0; i < 5; ++i) value_of(house.workers().keep(wish), "keep");
  require(by_slot(house) == before, "others run");
}

inline void who_is_not_wished_may_finish(LaneHouse& house) {
  const std::string name = comes_to(house, {{"default", 1, 4}}, "default/0").at("default/0");
  comes_to(house, {}, "");
  require(house.finished({"default/0", name}), "it was not asked to finish");
  gone(house, {}, name);
}

inline void who_does_not_listen_ends_all_the_same(LaneHouse& house) {
  const std::string name = comes_to(house, {{"stubborn", 1, 4}}, "stubborn/0").at("stubborn/0");
  comes_to(house, {}, "");
  require(!house.finished({"stubborn/0", name}), "the stubborn one finished");
  gone(house, {}, name);
}

inline void a_killed_one_is_replaced(LaneHouse& house) {
  const Wish wish = {{"default", 2, 4}};
  const auto before = comes_to(house, wish, "default/0 default/1");
  house.kill({"default/0", before.at("default/0")});
  gone(house, wish, before.at("default/0"));
  const auto after = comes_to(house, wish, "default/0 default/1");
  require(after.at("default/0") != before.at("default/0"), "the name of the dead one was given again");
  same(after.at("default/1"), before.at("default/1"), "its neighbour");
  require(house.workers().alive(after.at("default/1")), "its neighbour is taken for dead");
}

inline void another_life_finds_them(LaneHouse& house) {
  const Wish wish = {{"default", 2, 4}, {"slow-lane", 1, 4}};
  comes_to(house, wish, "default/0 default/1 slow-lane/0");
  const auto before = names_in(house);
  house.next_life();
  require(names_in(house) == before, "others run in the next life");
  for (const std::string& name : before) require(house.workers().alive(name), name + " is taken for dead");
  comes_to(house, wish, "default/0 default/1 slow-lane/0");
  require(names_in(house) == before, "the next life replaced them");
}

inline void another_life_follows_its_own_wish(LaneHouse& house) {
  const auto before = comes_to(house, {{"default", 2, 4}, {"old", 1, 4}}, "default/0 default/1 old/0");
  house.next_life();
  comes_to(house, {{"default", 1, 4}}, "default/0");
  gone(house, {{"default", 1, 4}}, before.at("old/0"));
}

inline void an_ended_one_is_asked_and_stays_away(LaneHouse& house) {
  const auto before = comes_to(house, {{"default", 2, 4}}, "default/0 default/1");
  done(house.workers().end("default/0", patient_grace_ms), "end");
  require(!house.workers().alive(before.at("default/0")), "end returned while it still runs");
  require(house.finished({"default/0", before.at("default/0")}), "it was not asked to finish");
  require(testing::wait_until([&] { return by_slot(house).size() == 1; }, house.patience_ms()), "it was replaced unasked");
  same(by_slot(house).begin()->second, before.at("default/1"), "its neighbour");
}

inline void all_of_them_can_be_ended_at_once(LaneHouse& house) {
  comes_to(house, {{"default", 3, 4}}, "default/0 default/1 default/2");
  house.next_life();
  for (const auto& [slot, name] : by_slot(house)) {
    done(house.workers().end(slot, short_grace_ms), "end " + slot);
    require(!house.workers().alive(name), "end returned while it still runs");
  }
  require(testing::wait_until([&] { return by_slot(house).empty(); }, house.patience_ms()), "somebody was replaced");
  done(house.workers().end("default/0", patient_grace_ms), "end an empty slot");
}

inline void nobody_launches_here(LaneHouse& house) {
  refused(house.workers().launch({"default/0", "default", 4}), Code::process_failed, "a launch");
  same(slots_text(house), std::string(), "after a refused launch");
}

inline void names_are_never_given_again(LaneHouse& house) {
  std::set<std::string> names;
  for (int life = 0; life < 3; ++life) {
    const std::string name = comes_to(house, {{"default", 1, 4}}, "default/0").at("default/0");
    require(names.insert(name).second, name + " was given before");
    comes_to(house, {}, "");
    house.next_life();
    gone(house, {}, name);
  }
}

inline void a_name_that_says_nothing_is_not_dead(LaneHouse& house) {
  for (const char* name : {"somebody-else", "default", "default-1-2", "-", "", "default-00000000-0000-0000-0000-00000000000"})
    require(house.workers().alive(name), fmt::format("\"{}\" is taken for dead", name));
}

inline std::vector<LanesCase> lanes_cases() {
#define BACKSTITCH_CASE(name) \
  LanesCase { #name, name }
  return {BACKSTITCH_CASE(nothing_runs_unasked),
          BACKSTITCH_CASE(a_wish_comes_true),
          BACKSTITCH_CASE(a_changed_wish_is_followed),
          BACKSTITCH_CASE(a_wish_told_again_changes_nothing),
          BACKSTITCH_CASE(who_is_not_wished_may_finish),
          BACKSTITCH_CASE(who_does_not_listen_ends_all_the_same),
          BACKSTITCH_CASE(a_killed_one_is_replaced),
          BACKSTITCH_CASE(another_life_finds_them),
          BACKSTITCH_CASE(another_life_follows_its_own_wish),
          BACKSTITCH_CASE(an_ended_one_is_asked_and_stays_away),
          BACKSTITCH_CASE(all_of_them_can_be_ended_at_once),
          BACKSTITCH_CASE(nobody_launches_here),
          BACKSTITCH_CASE(names_are_never_given_again),
          BACKSTITCH_CASE(a_name_that_says_nothing_is_not_dead)};
#undef BACKSTITCH_CASE
}

}  // namespace backstitch::workers::contract
