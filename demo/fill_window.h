// What else happens behind the damage, so that there is something to lose: none of it is made up, all of it goes through the
// house.
#pragma once
#include "demo/console.h"
#include "demo/window.h"
#include "demo/world.h"
#include "model/catalog.h"

namespace backstitch::demo {

/// One thread. Counts from its making on. However fast or slow the machine is: what it needs it waits for, or keeps back until
/// then.
class WindowFiller {
 public:
  WindowFiller(World& world, const Catalog& catalog, const Census& census);

  /// The external system has a slow hour, and calls nobody back; a catalog version is activated, somebody loses a right; workers
  /// die with calls in the air; then the system that can neither repeat nor tell is taken down, so that calls to it pile up. None
  /// of it is waited for: what is damaged may have stopped the shard that decides it.
  Status fill();
  /// Until the external system has executed enough calls, and enough pile up, or nothing moves any more.
  Status await_effects();
  /// The external system hardly moves any more: what is called now is on its way until the end.
  Status crawl();
  /// What was kept back is let go at once; a console holds up the turns, and the outside refuses much, until answers enough wait
  /// for a turn. A lock that cannot be had is no error: then the damage stands in the way.
  Status hold_up();
  /// The turns were held up, and the outside refused a good part of what was in the air meanwhile.
  bool held_up() const { return held_up_; }
  /// To be called over and over while the platform is told to stop and the recovery runs: the workers die with their calls in the
  /// air, the console lets go once no worker is left that could still answer, and who was to call back does so behind the seal.
  void stop_with_it();
  /// The console is gone and the external system as fast as before.
  Status end();

 private:
  void let_go_once_stopped();
  void call_back_once_sealed();
  Status say(std::vector<std::string> words);
  Status await_records(std::int64_t before, std::int64_t wanted, std::int64_t wait_ms, std::int64_t& grown);
  Result<std::int64_t> executed();
  std::int64_t piled();  // calls that wait for the system which is down
  Result<std::int64_t> completer_end();
  std::int64_t least(const char* of) const;

  World& world_;
  const std::vector<Held> least_;
  const std::string blind_;  // key of the system that can neither repeat nor tell; empty when there is none
  HttpClient http_;
  std::string api_;                  // of the platform that is to stop
  std::vector<std::string> others_;  // of its other hosts
  Console console_;
  std::int64_t executed_before_ = 0;
  bool held_up_ = false, stopped_ = false, called_back_ = false;
};

}  // namespace backstitch::demo
