// Kills with -9, at random moments and at the probes of the code, and counts.
#pragma once
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "world.h"

namespace backstitch::e2e {

enum class Victim { platform, worker, postgres };

class Killer {
 public:
  Killer(World& world, std::uint64_t seed) : world_(world), random_(seed) {}

  /// One process of that kind, after a pause of up to pause_max_ms; a killed platform is started again at once.
  void kill_one(Victim victim, int pause_max_ms);
  /// The platform and its workers run with the probe set until the platform has died of it `deaths` times.
  void die_at(const std::string& probe, int deaths, int hits_max);
  /// The same for a probe that only workers reach.
  void workers_die_at(const std::string& probe, int deaths, int hits_max);
  /// Ends what still runs with a probe.
  void back_to_normal();

  int kills() const;
  std::map<std::string, int> tally() const;
  std::map<std::string, int> probes() const;  // by name: how often one was hit, as it wrote down itself

 private:
  Environment probe_environment(const std::string& probe, int hits_max);
  void kill_all_workers();
  void let_run(int ms);

  World& world_;
  std::mt19937_64 random_;
  std::map<Victim, int> killed_;
  std::map<std::string, int> died_of_probe_;  // platforms
};

}  // namespace backstitch::e2e
