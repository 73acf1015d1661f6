// Workers that are wrong on purpose, to see the contract's cases fail. Tests only.
#pragma once
#include <set>
#include <vector>

#include "stores/workers/strict_fake.h"

namespace backstitch::workers {

enum class Wrong {
  forgets_earlier_lives,  // lists only what this object launched
  lists_the_dead,         // what has ended still "runs"
  gives_names_twice,      // a name says the slot, not the process
  kills_at_once,          // nobody is asked to finish
  leaves_the_stubborn,    // end() returns while it still runs
  buries_strangers,       // an unknown name counts as ended
  buries_earlier_lives,   // what another object launched counts as ended
  fills_slots_twice,      // a taken slot gets a second worker
  ends_the_lane,          // end() takes the neighbours too
  cuts_lanes,             // "slow-lane/0" is listed as "slow/0"
};
inline std::vector<Wrong> all_wrongs() {
  std::vector<Wrong> wrongs;
  for (int i = 0; i <= static_cast<int>(Wrong::cuts_lanes); ++i) wrongs.push_back(static_cast<Wrong>(i));
  return wrongs;
}

class WrongFake : public StrictFake {
 public:
  WrongFake(std::set<Wrong> wrongs, std::shared_ptr<Machine> machine)
      : StrictFake(std::move(machine)), wrongs_(std::move(wrongs)) {}

  Result<std::vector<Running>> running() override {
    std::vector<Running> out;
    for (const Machine::Process& process : machine().processes()) {
      if (!process.runs && !is(Wrong::lists_the_dead)) continue;
      if (is(Wrong::forgets_earlier_lives) && !launched_.contains(process.name)) continue;
      const std::string slot = is(Wrong::cuts_lanes) ? process.slot.substr(0, process.slot.find('-')) + "/0" : process.slot;
      out.push_back({is(Wrong::cuts_lanes) && process.slot.find('-') != std::string::npos ? slot : process.slot, name(process)});
    }
    return out;
  }
  Result<Running> launch(const Launch& launch) override {
    for (const Machine::Process& process : machine().processes(launch.slot))
      if (process.runs && !is(Wrong::fills_slots_twice)) return fail(Code::process_failed, "{} is taken", launch.slot);
    const Machine::Process process = machine().start(launch.slot);
    launched_.insert(process.name);
    return Running{launch.slot, name(process)};
  }
  Status end(const std::string& slot, std::int64_t grace_ms) override {
    const std::string lane = slot.substr(0, slot.rfind('/') + 1);
    for (const Machine::Process& process : machine().processes()) {
      if (!process.runs || !(process.slot == slot || (is(Wrong::ends_the_lane) && process.slot.starts_with(lane)))) continue;
      if (is(Wrong::leaves_the_stubborn) && lane == "stubborn/") continue;
      machine().kill(process.name, grace_ms > 0 && lane != "stubborn/" && !is(Wrong::kills_at_once));
    }
    return {};
  }
  bool alive(const std::string& wanted) const override {
    bool known = false, runs = false;
    for (const Machine::Process& process : machine().processes())
      if (name(process) == wanted) {
        known = true;
        runs = runs || (process.runs && !(is(Wrong::buries_earlier_lives) && !launched_.contains(process.name)));
      }
    return known ? runs : !is(Wrong::buries_strangers);
  }
  std::string name(const Machine::Process& process) const {
    return is(Wrong::gives_names_twice) ? "at-" + process.slot : process.name;
  }

 private:
  bool is(Wrong wrong) const { return wrongs_.contains(wrong); }
  const std::set<Wrong> wrongs_;
  std::set<std::string> launched_;
};

}  // namespace backstitch::workers
