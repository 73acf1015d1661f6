// Everybody who wants something of the platform, by seed: clients, the CRM, operators, and the noise of a real log (duplicates,
// conflicts, unknown products, broken records, answers that come twice).
#pragma once
#include <map>
#include <random>
#include <string>
#include <vector>

#include "world/world.h"

namespace backstitch::world {

class Crowd {
 public:
  Crowd(World& world, std::uint64_t seed, int accounts = 24) : world_(world), random_(seed), accounts_(accounts) {}

  /// Orders over the front door: bundles, and changes and ends of what earlier orders brought.
  void submit_orders(int count);
  /// Records past the front door, as another version or a fault would leave them.
  void append_noise();
  /// People look at what waits for them and do something about it, not always what they may.
  void operate();
  /// A system goes down, or comes up and lets go what it held.
  void switch_systems();
  void change_grants();
  /// Everything that stands is put right, so that every order can end; true when nothing waits any more.
  bool settle();

  /// What was answered "received": the order's claim in incoming and its body.
  const std::map<std::string, std::string>& acknowledged() const { return acknowledged_; }

 private:
  std::uint64_t dice(std::uint64_t sides) { return random_() % sides; }
  std::string account() { return "A-" + std::to_string(dice(static_cast<std::uint64_t>(accounts_))); }
  std::string bundle(const std::string& id, const std::string& account);
  std::string change(const std::string& id);
  std::string order(const std::string& id, const std::string& account, const std::string& items);
  void append(const std::string& topic, const std::string& account, const std::string& schema, const std::string& value);
  void repeat_answer();
  void act_on(const std::string& kind, const std::string& item, const std::string& account, const std::string& state,
              const std::string& owner);
  void item_command(const std::string& item, const std::string& account, const char* verb, bool with_reason);
  void task_command(const std::string& item, const std::string& account, const char* verb, const std::string& actor);
  void system_command(const std::string& system, const char* verb);

  struct Asset {
    std::string account, reference, product;
  };
  World& world_;
  std::mt19937_64 random_;
  int accounts_, orders_ = 0, commands_ = 0, grants_ = 0;
  std::vector<Asset> assets_;
  std::map<std::string, std::string> acknowledged_;
  std::vector<std::pair<std::string, std::string>> bodies_;  // account, body
};

}  // namespace backstitch::world
