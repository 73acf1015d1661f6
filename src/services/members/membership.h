// A process as a member of its instance: it says that it lives, takes its share of what nobody owns, gives back what is others',
// and ends what was taken from it. Two threads: one that beats and never waits for anything but the database, one that starts and
// ends.
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "services/members/assign.h"

namespace backstitch {

struct MembershipSettings {
  database::Member self;
  std::vector<std::string> leases;  // that this member would hold
  std::int64_t beat_every_ms = 500;
  std::int64_t silent_ms_max = 5'000;  // who was not heard of for so long is taken for dead
};

class Membership {
 public:
  /// Called on the second thread. `own` returns when what is not named has ended; it is also called when nothing has changed, so
  /// that what ended by itself can be begun again. `hold` is told the term when a lease is gained, and none when it is lost.
  struct Acts {
    std::function<void(const std::set<Partition>&)> own;
    std::function<void(const std::string& lease, std::optional<std::uint64_t> term)> hold;
    /// After each beat, on the first thread, with the moment before it; must not wait.
    std::function<void(const database::Cluster&, std::int64_t begun_ms)> seen;
  };

  /// `table` is for the first thread, `releases` for the second.
  Membership(MembershipSettings settings, std::unique_ptr<database::MemberTable> table,
             std::unique_ptr<database::MemberTable> releases, Acts acts);
  ~Membership();  // as leave()
  /// Ends everything and gives all of it back; others take it at their next beat.
  void leave();

  /// As of the last beat.
  database::Cluster cluster() const;
  const std::string& name() const { return settings_.self.name; }
  std::int64_t silent_ms_max() const { return settings_.silent_ms_max; }
  /// Empty while beats come through.
  std::string last_error() const;

 private:
  struct Target {
    std::set<Partition> partitions, give;
    std::map<std::string, std::uint64_t> leases;  // name → term
  };
  void beat_loop();
  void act_loop();
  void beat();
  void lose_leases();
  void act(const Target& target);
  Target target_of(const database::Cluster& cluster) const;

  MembershipSettings settings_;
  const std::unique_ptr<database::MemberTable> table_, releases_;
  const Acts acts_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  database::Cluster cluster_;
  Target target_;
  std::string last_error_;
  std::uint64_t beats_ = 0, acted_ = 0;
  std::int64_t heard_ms_;  // begin of the last beat that came through
  bool leaving_ = false, stop_ = false;
  std::map<std::string, std::uint64_t> held_;  // second thread
  std::thread beater_, actor_;
};

}  // namespace backstitch
