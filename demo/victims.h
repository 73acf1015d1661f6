// Who is killed when: a function of the seed.
#pragma once
#include <cstdint>
#include <vector>

namespace backstitch::demo {

/// The last four are there with --stores only.
enum class Victim { serve, worker, postgres, org, manual, queue, cache, objects, orchestrator };
const char* to_text(Victim victim);

struct PlannedKill {
  Victim victim;
  std::int64_t at_ms;   // after the first order was sent
  std::uint64_t which;  // draws one of several
  bool operator==(const PlannedKill&) const = default;
};

constexpr std::int64_t kill_every_ms = 1'500;  // on average

/// The first three are the platform's own processes, each once; five kills or more hit everybody.
/// With `servers` these come third.
std::vector<PlannedKill> plan_kills(std::uint64_t seed, int count, const std::vector<Victim>& servers = {});

}  // namespace backstitch::demo
