// What happens to three hosts, in order: a cable is pulled and put back, the broker is restarted and killed, the database is
// restarted, a host loses its workers and its platform.
#pragma once
#include <array>
#include <set>

#include "demo/checks.h"
#include "demo/troubles.h"
#include "demo/world.h"

namespace backstitch::demo {

struct Incident {
  std::string what;                 // "h3 was cut off, and joined again"
  std::int64_t at_ms = 0;           // since orders flow
  std::int64_t took_ms = 0;         // until it was put right
  std::int64_t first_order_ms = 0;  // of a cut: until the first order of a moved partition was decided; 0: no such incident
};

/// Until every host decides partitions. Code::timed_out names the one that does not.
Status await_shares(World& world);

/// Turns of a partition are numbered: none of an older term or epoch stands behind one of a newer.
Check check_turns(World& world);

class Incidents : public Troubles {
 public:
  /// How many there are; more begin anew.
  static constexpr int kinds = 6;

  Incidents(World& world, int count);

  /// One incident as a whole, but for a cut: that goes on until its partitions are decided elsewhere.
  /// Code::timed_out: they are not, or do not come back.
  Status tick() override;
  std::size_t hit() const override { return told_.size(); }
  std::size_t planned() const override { return count_; }
  std::string words() const override;
  const std::vector<Incident>& told() const { return told_; }

 private:
  Status cut();
  Status look_at_cut();
  Status join();
  Status carry_out(std::size_t kind);
  void tell(Incident incident);
  Result<std::int64_t> orders_decided() const;  // of moved partitions

  World& world_;
  const std::size_t count_;
  const std::int64_t started_ms_;
  std::int64_t cut_ms_ = 0;  // 0: no host is cut off
  std::string moved_;        // partitions, with commas between them
  std::int64_t decided_before_ = 0, first_order_ms_ = 0;
  std::vector<Incident> told_;
};

}  // namespace backstitch::demo
