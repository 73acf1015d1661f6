// External systems of a test: answer by dice, remember every call. Thread-safe.
#pragma once
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>

#include "stores/systems/port.h"

namespace backstitch::world {

class StubSystems : public systems::Systems {
 public:
  /// `trouble`: share of calls that do not simply succeed.
  StubSystems(std::uint64_t seed, double trouble) : random_(seed), trouble_(trouble) {}

  void call(const systems::CallRequest& request, std::function<void(systems::CallResult)> done) override;
  systems::LookupResult look_up(const systems::Target& target, const std::string& key) override;
  Result<std::vector<systems::SubjectEffect>> look_up_subject(const systems::Target& target, const std::string& subject) override;
  Status settle(const systems::Target& target, const std::string& key, systems::SettleVerb verb) override;

  std::uint64_t calls() const;
  std::set<std::string> keys_sent() const;

 private:
  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  double trouble_;
  std::map<std::string, bool> executed_;                  // by key; false: came, was not carried out
  std::map<std::string, std::set<std::string>> keys_of_;  // by subject
  std::uint64_t calls_ = 0;
};

}  // namespace backstitch::world
