// Workers of a machine that keeps lanes by itself, without any: strict, or wrong on purpose to see the contract's cases fail.
// Tests only. A slot is given again as soon as its worker is gone; nothing takes time.
#pragma once
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "stores/workers/strict_fake.h"

namespace backstitch::workers {

enum class WrongLanes {
  replaces_nobody,         // only the first wish starts anybody
  ends_nobody,             // who is not wished any more goes on
  ends_the_first,          // of too many, the wrong one goes: a wish told again ends somebody
  kills_at_once,           // nobody is asked to finish
  replaces_who_was_ended,  // end() is followed by another one
  forgets_earlier_lives,   // starts all anew, whatever runs
  lets_launch,             // takes launches beside what it keeps
  lists_the_dead,          // what has ended still "runs"
  buries_strangers,        // an unknown name counts as ended
  says_no,                 // keeps lanes and denies it
};
inline std::vector<WrongLanes> all_wrong_lanes() {
  std::vector<WrongLanes> wrongs;
  for (int i = 0; i <= static_cast<int>(WrongLanes::says_no); ++i) wrongs.push_back(static_cast<WrongLanes>(i));
  return wrongs;
}

class LaneFake : public StrictFake {
 public:
  explicit LaneFake(std::shared_ptr<Machine> machine, std::set<WrongLanes> wrongs = {})
      : StrictFake(std::move(machine)), wrongs_(std::move(wrongs)) {}

  Result<std::vector<Running>> running() override {
    if (!is(WrongLanes::lists_the_dead)) return StrictFake::running();
    std::vector<Running> out;
    for (const Machine::Process& process : machine().processes()) out.push_back({process.slot, process.name});
    return out;
  }
  Result<Running> launch(const Launch& launch) override {
    if (is(WrongLanes::lets_launch)) return StrictFake::launch(launch);
    return fail(Code::process_failed, "{}: this machine starts workers by itself", launch.slot);
  }
  Result<bool> keep(const std::vector<Lane>& wish) override {
    if (machine().tells_nothing) return fail(Code::orchestrator_failed, "the machine does not answer");
    std::set<std::string> wished;
    for (const Lane& lane : wish)
      for (int index = 0; index < lane.count; ++index) wished.insert(lane.name + "/" + std::to_string(index));
    for (const Machine::Process& process : machine().processes())
      if (process.runs && !wished.contains(process.slot) && !is(WrongLanes::ends_nobody)) end_one(process);
    for (const std::string& slot : wished) {
      if (holds(slot) && !is(WrongLanes::ends_the_first)) continue;
      for (const Machine::Process& process : machine().processes(slot)) end_one(process);
      if (is(WrongLanes::replaces_nobody) && !machine().processes(slot).empty()) continue;
      machine().start(slot), mine_.insert(slot);
    }
    return !is(WrongLanes::says_no);
  }
  Status end(const std::string& slot, std::int64_t grace_ms) override {
    const bool ran = holds(slot);
    for (const Machine::Process& process : machine().processes(slot))
      if (process.runs) end_one(process, grace_ms);
    if (ran && is(WrongLanes::replaces_who_was_ended)) machine().start(slot);
    return {};
  }
  bool alive(const std::string& name) const override {
    for (const Machine::Process& process : machine().processes())
      if (process.name == name) return process.runs;
    return !is(WrongLanes::buries_strangers);
  }

 private:
  bool is(WrongLanes wrong) const { return wrongs_.contains(wrong); }
  bool holds(const std::string& slot) const {
    const auto all = machine().processes(slot);
    return std::any_of(all.begin(), all.end(), [](const Machine::Process& one) { return one.runs; }) &&
           (!is(WrongLanes::forgets_earlier_lives) || mine_.contains(slot));
  }
  void end_one(const Machine::Process& process, std::int64_t grace_ms = 1'000) {
    machine().kill(process.name, grace_ms > 0 && !process.slot.starts_with("stubborn/") && !is(WrongLanes::kills_at_once));
  }
  const std::set<WrongLanes> wrongs_;
  std::set<std::string> mine_;  // slots this object has filled
};

}  // namespace backstitch::workers
