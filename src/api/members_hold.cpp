#include "api/members_hold.h"

#include <chrono>
#include <map>

#include "base/time.h"
#include "services/members/assign.h"
#include "stores/workers/port.h"

namespace backstitch {
namespace {

constexpr std::int64_t leave_ms_max = 15'000;  // workers have ten seconds for what is in the air
constexpr auto beat_every = std::chrono::milliseconds(200);

}  // namespace

MembersHold::MembersHold(const std::string& connection, std::string own, std::int64_t silent_ms_max)
    : own_(std::move(own)), silent_ms_max_(silent_ms_max), table_(database::make_postgres_members(connection)) {
  self_.name = "recovery-" + workers::own_process_name(), self_.host = workers::own_host();
}

MembersHold::~MembersHold() {
  stop_ = true;
  if (keeper_.joinable()) keeper_.join();
}

Result<database::Cluster> MembersHold::beat() const {
  return table_->beat(self_, [](const database::Cluster&) { return database::Taken{{}, {recovery_lease}}; });
}

MembersHold::Left MembersHold::await() const {
  const std::int64_t end_ms = monotonic_ms() + silent_ms_max_ + leave_ms_max;
  std::map<std::string, bool> lived;  // whether it is listed still
  Left left{.lease_ms = silent_ms_max_};
  for (bool one_lives = true; one_lives && monotonic_ms() < end_ms;) {
    const auto cluster = beat();
    if (!cluster) break;  // down: whoever was heard of in its last moment leads for so long
    one_lives = false;
    for (auto& [name, listed] : lived) listed = false;
    for (const auto& member : cluster->members) {
      if (member.name == own_ || member.name == self_.name) continue;
      const bool lives_now = lives(member, silent_ms_max_);
      if (lives_now || lived.contains(member.name)) lived[member.name] = true;
      one_lives = one_lives || lives_now;
    }
    if (!one_lives) left.lease_ms = 0;
    if (one_lives) std::this_thread::sleep_for(beat_every);
  }
  for (const auto& [name, listed] : lived) (listed ? left.ghosts : left.stopped).push_back(name);
  keeper_ = std::thread([this] {
    while (!stop_ && beat()) std::this_thread::sleep_for(beat_every);
  });
  return left;
}

}  // namespace backstitch
