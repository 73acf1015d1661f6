// What every worker-manager's machine promises (stores/workers/port.h), as cases against the port and the house around it: the
// platform that dies and lives again, and somebody outside who kills. A case gets a house of its own in which nothing runs.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "contract/words.h"
#include "stores/workers/port.h"

namespace backstitch::workers::contract {

using namespace backstitch::contract;

class House {
 public:
  virtual ~House() = default;
  virtual Workers& workers() = 0;
  /// The platform has died and starts again: another object at the same place.
  virtual void next_life() = 0;
  /// kill -9 from outside; returns when it is gone.
  virtual void kill(const Running& worker) = 0;
  /// It is as far as to hear that it shall finish; false when it never gets there.
  virtual bool ready(const Running& worker) = 0;
  /// It left by itself, after it was asked. Workers of the lane "stubborn" never do.
  virtual bool finished(const Running& worker) = 0;
};
using WorkersCase = Case<House>;

constexpr std::int64_t patient_ms = 20'000, short_ms = 30;

inline Running launched(House& house, const std::string& lane = "default", int index = 0) {
  const std::string slot = fmt::format("{}/{}", lane, index);
  const Running worker = value_of(house.workers().launch({slot, lane, 4}), "launch " + slot);
  same(worker.slot, slot, "the slot of a launch");
  require(house.ready(worker), worker.name + " never got ready");
  return worker;
}
inline std::string text(const std::map<std::string, std::string>& names) {
  std::string out;
  for (const auto& [slot, name] : names) out += (out.empty() ? "" : ", ") + slot + "=" + name;
  return out;
}
inline void runs(House& house, const std::vector<Running>& expected, const std::string& when) {
  std::map<std::string, std::string> found, wanted;
  for (const Running& worker : value_of(house.workers().running(), "running"))
    require(found.emplace(worker.slot, worker.name).second, when + ": twice in " + worker.slot);
  for (const Running& worker : expected) wanted[worker.slot] = worker.name;
  same(text(found), text(wanted), "running, " + when);
}
inline void lives(House& house, const Running& worker) {
  require(house.workers().alive(worker.name), worker.name + " is taken for dead");
}
inline void is_gone(House& house, const Running& worker) {
  require(!house.workers().alive(worker.name), worker.name + " is taken for alive");
}
inline void end(House& house, const Running& worker, std::int64_t grace_ms = patient_ms) {
  done(house.workers().end(worker.slot, grace_ms), "end " + worker.slot);
}

inline void nothing_runs_at_first(House& house) { runs(house, {}, "at first"); }

inline void a_launched_worker_runs(House& house) {
  const Running worker = launched(house);
  runs(house, {worker}, "launched");
  lives(house, worker);
}

inline void slots_and_lanes_stand_side_by_side(House& house) {
  const std::vector<Running> all = {launched(house), launched(house, "default", 1), launched(house, "default", 12),
                                    launched(house, "slow-lane")};
  runs(house, all, "four launched");
  std::set<std::string> names;
  for (const Running& worker : all) names.insert(worker.name);
  same(names.size(), all.size(), "different names");
}

inline void a_slot_holds_one(House& house) {
  const Running worker = launched(house);
  refused(house.workers().launch({"default/0", "default", 4}), Code::process_failed, "a launch in a taken slot");
  runs(house, {worker}, "after a refused launch");
  lives(house, worker);
}

inline void the_next_life_finds_them(House& house) {
  const std::vector<Running> all = {launched(house), launched(house, "slow-lane", 1)};
  house.next_life();
  runs(house, all, "in the next life");
  for (const Running& worker : all) lives(house, worker);
}

inline void the_next_life_leaves_their_slots_taken(House& house) {
  const Running worker = launched(house);
  house.next_life();
  refused(house.workers().launch({"default/0", "default", 4}), Code::process_failed, "a launch beside a survivor");
  runs(house, {worker}, "after a refused launch");
}

inline void the_next_life_can_end_them(House& house) {
  const Running worker = launched(house);
  house.next_life();
  end(house, worker);
  require(house.finished(worker), "it was not asked to finish");
  is_gone(house, worker);
  runs(house, {}, "ended in the next life");
}

inline void an_ended_worker_is_asked_first(House& house) {
  const Running worker = launched(house);
  end(house, worker);
  require(house.finished(worker), "it was not asked to finish");
  is_gone(house, worker);
  runs(house, {}, "ended");
}

inline void who_does_not_listen_is_ended(House& house) {
  const Running worker = launched(house, "stubborn");
  end(house, worker, short_ms);
  require(!house.finished(worker), "the stubborn one finished");
  is_gone(house, worker);
  runs(house, {}, "ended");
}

inline void ending_one_leaves_its_neighbours(House& house) {
  const Running first = launched(house), second = launched(house, "default", 1), third = launched(house, "default-2");
  end(house, first);
  runs(house, {second, third}, "one ended");
  lives(house, second);
  lives(house, third);
}

inline void an_empty_slot_is_ended_at_once(House& house) {
  done(house.workers().end("default/0", patient_ms), "end an empty slot");
  const Running worker = launched(house, "default", 1);
  done(house.workers().end("default/0", patient_ms), "end an empty slot");
  end(house, worker);
  end(house, worker);
  runs(house, {}, "ended twice");
}

inline void a_killed_worker_is_gone(House& house) {
  const Running killed = launched(house), other = launched(house, "default", 1);
  house.kill(killed);
  is_gone(house, killed);
  runs(house, {other}, "one killed");
}

inline void one_killed_while_the_platform_was_down_is_gone(House& house) {
  const Running killed = launched(house), other = launched(house, "default", 1);
  house.kill(killed);
  house.next_life();
  is_gone(house, killed);
  runs(house, {other}, "in the next life");
}

inline void a_dead_ones_slot_is_free(House& house) {
  const Running killed = launched(house);
  house.kill(killed);
  const Running next = launched(house);
  require(next.name != killed.name, "the name of the dead one was given again");
  is_gone(house, killed);
  lives(house, next);
  runs(house, {next}, "replaced");
}

inline void no_name_is_given_twice(House& house) {
  std::set<std::string> names;
  for (int life = 0; life < 4; ++life) {
    const Running worker = launched(house);
    require(names.insert(worker.name).second, worker.name + " was given before");
    end(house, worker);
    house.next_life();
  }
}

inline void what_is_not_proven_is_not_dead(House& house) {
  for (const char* name : {"somebody-else", "default", "default-x-y", "default-1", "-", ""})
    require(house.workers().alive(name), fmt::format("\"{}\" is taken for dead", name));
}

inline std::vector<WorkersCase> cases() {
#define BACKSTITCH_CASE(name) \
  WorkersCase { #name, name }
  return {BACKSTITCH_CASE(nothing_runs_at_first),
          BACKSTITCH_CASE(a_launched_worker_runs),
          BACKSTITCH_CASE(slots_and_lanes_stand_side_by_side),
          BACKSTITCH_CASE(a_slot_holds_one),
          BACKSTITCH_CASE(the_next_life_finds_them),
          BACKSTITCH_CASE(the_next_life_leaves_their_slots_taken),
          BACKSTITCH_CASE(the_next_life_can_end_them),
          BACKSTITCH_CASE(an_ended_worker_is_asked_first),
          BACKSTITCH_CASE(who_does_not_listen_is_ended),
          BACKSTITCH_CASE(ending_one_leaves_its_neighbours),
          BACKSTITCH_CASE(an_empty_slot_is_ended_at_once),
          BACKSTITCH_CASE(a_killed_worker_is_gone),
          BACKSTITCH_CASE(one_killed_while_the_platform_was_down_is_gone),
          BACKSTITCH_CASE(a_dead_ones_slot_is_free),
          BACKSTITCH_CASE(no_name_is_given_twice),
          BACKSTITCH_CASE(what_is_not_proven_is_not_dead)};
#undef BACKSTITCH_CASE
}

}  // namespace backstitch::workers::contract
