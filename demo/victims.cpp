#include "demo/victims.h"

#include <algorithm>

#include "rules/random.h"

namespace backstitch::demo {
namespace {

void append_shuffled(std::vector<Victim> group, SplitMix64& random, std::vector<Victim>& out) {
  while (!group.empty()) {
    const auto drawn = group.begin() + static_cast<std::ptrdiff_t>(random.below(group.size()));
    out.push_back(*drawn);
    group.erase(drawn);
  }
}

}  // namespace

const char* to_text(Victim victim) {
  switch (victim) {
    case Victim::serve: return "serve";
    case Victim::worker: return "worker";
    case Victim::postgres: return "PostgreSQL";
    case Victim::org: return "org";
    case Victim::manual: return "operator";
    case Victim::queue: return "Kafka";
    case Victim::cache: return "cache";
    case Victim::objects: return "S3";
    case Victim::orchestrator: return "Kubernetes";
  }
  return "";
}

std::vector<PlannedKill> plan_kills(std::uint64_t seed, int count, const std::vector<Victim>& servers) {
  SplitMix64 random(seed ^ 0x6B696C6C);  // not the numbers that the orders were drawn with
  std::vector<Victim> victims;
  while (static_cast<int>(victims.size()) < count) {
    append_shuffled({Victim::serve, Victim::worker, Victim::postgres}, random, victims);
    append_shuffled({Victim::org, Victim::manual}, random, victims);
    append_shuffled(servers, random, victims);
  }
  std::vector<PlannedKill> kills;
  for (int i = 0; i < count; ++i) {
    const auto jitter_ms = static_cast<std::int64_t>(random.below(kill_every_ms));
    kills.push_back({victims[static_cast<std::size_t>(i)], kill_every_ms / 2 + i * kill_every_ms + jitter_ms, random.next()});
  }
  return kills;
}

}  // namespace backstitch::demo
