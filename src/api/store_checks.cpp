#include "api/store_checks.h"

#include <algorithm>

#include "api/platform.h"
#include "recovery/verify/between_stores.h"
#include "services/worker_manager/worker_set.h"
#include "stores/database/invariants/items_due.h"

namespace backstitch {
namespace {

using recovery::Wrong;
using Found = Result<Wrong>;

// Timers are on their way for some milliseconds, a worker process is replaced within a second, a Pod within some.
constexpr int looks = 7, looks_at_orchestrator = 41;  // an orchestrator takes its time
constexpr std::int64_t look_again_ms = 500;

void add(Wrong& wrong, const std::string& words) { wrong[words] = words; }

/// V-11.
Found catalogs(Platform& platform) {
  const std::string at_the_door = platform.intake().active_catalog();
  auto wrong = recovery::catalogs_differ(platform.safe(), platform.database(), &platform.objects(), {at_the_door});
  const auto positions = platform.database().positions();
  if (!wrong || !positions) return wrong ? fail(positions.error()) : wrong;
  for (const database::Position& position : *positions) {
    const auto to_come = position.catalog_digest == at_the_door ? at_the_door : platform.catalog_to_come(position);
    if (!to_come) return fail(to_come.error());
    if (*to_come != at_the_door)
      add(*wrong, fmt::format("partition {}: its orders meet catalog {}, and the door checks them against {}", position.partition,
                              *to_come, at_the_door));
    for (const std::string& digest : {position.catalog_digest, *to_come})
      if (const CatalogPtr held = platform.catalog_library().find(digest); !digest.empty() && (!held || held->digest != digest))
        add(*wrong, fmt::format("catalog {} is in use and not in memory", digest));
  }
  return wrong;
}

/// V-12.
Found workers(Platform& platform) {
  const auto wish = platform.database().desired_workers();
  if (!wish) return fail(wish.error());
  Wrong wrong;
  if (!same_wish(*wish, platform.configured_workers())) add(wrong, "PostgreSQL wishes for other workers than the configuration");
  const std::string why = platform.worker_manager()->complaint();
  for (const auto& slot : worker_set(platform.worker_manager()->running(), platform.own_share(*wish)).slots)
    if (slot.name.empty() || slot.state == std::string_view("stray"))
      add(wrong, fmt::format("worker {} is {}{}", slot.slot, slot.state, why.empty() ? "" : ": " + why));
  return wrong;
}

/// V-13.
Found positions(Platform& platform) {
  return recovery::positions_off_the_log(platform.queue(), platform.database(), !platform.config().crm_url.empty());
}

/// What of completer was decided before these rows are read, by partition: all of what was there when asked, or not.
Result<std::map<Partition, bool>> decided_to_the_end(Platform& platform) {
  const auto log = platform.queue().topic("completer");
  if (!log) return fail(log.error());
  const auto positions = platform.database().positions();
  if (!positions) return fail(positions.error());
  std::map<Partition, queue::Offset> ends;
  for (const auto& end : log->partitions) ends[end.partition] = end.end;
  std::map<Partition, bool> out;
  for (const database::Position& position : *positions) out[position.partition] = position.completer >= ends[position.partition];
  return out;
}

/// V-14. A timer that has gone off is a record of completer: until that is decided the row is as it was. More timers than items
/// are no fault: one that the item did not wait for does nothing when it is due.
Found timers(Platform& platform) {
  const auto decided = decided_to_the_end(platform);
  if (!decided) return fail(decided.error());
  const auto waiting = database::items_due(platform.database_connection());
  if (!waiting) return fail(waiting.error());
  const auto scheduler = platform.scheduler();
  if (!scheduler) return Wrong{};  // it has gone to another member since
  const auto kept = scheduler->timers();
  const Time now = wall_clock();
  Wrong wrong;
  for (const database::ItemDue& one : *waiting) {
    if (kept.contains({one.item.text(), one.due})) continue;
    const auto at_end = decided->find(one.partition);
    if (one.due > now || (at_end != decided->end() && at_end->second))
      add(wrong, fmt::format("item {} waits for {}, and no timer is kept for it", one.item.text(), rfc3339(one.due)));
  }
  return wrong;
}

/// V-15.
Found grants(Platform& platform) {
  const auto differences = platform.access().differences();
  if (!differences) return fail(differences.error());
  Wrong wrong;
  for (const std::string& difference : *differences) add(wrong, difference);
  return wrong;
}

/// V-16.
Found numbers(Platform& platform) {
  return recovery::numbers_given_again(platform.queue(), platform.safe(), platform.database());
}

struct Check {
  const char *id, *title, *owner;
  Found (*look)(Platform& platform);
  /// Of several processes only the one that does it can look; no lease: each can.
  const char* lease = nullptr;
};

bool can_look(const Platform& platform, const Check& check) {
  if (check.look == workers && !platform.worker_manager()) return false;
  return !check.lease || platform.scheduler() != nullptr;
}

int looks_of(const Platform& platform, const Check& check) {
  return check.look == workers && platform.config().workers_adapter == "kubernetes" ? looks_at_orchestrator : looks;
}

const Check checks[] = {
    {"V-11", "catalog versions are the same in safe, database, objects and memory, and the door's is the one that orders meet",
     "catalog", catalogs},
    {"V-12", "the workers that run are those that are wished for", "worker-manager", workers},
    {"V-13", "whoever reads a log stands on it: not before what is still there, not beyond its end", "fold", positions},
    {"V-14", "every item that waits for a moment has its timer", "scheduler", timers, roles::scheduler},
    {"V-15", "cached grants are those of PostgreSQL", "access", grants},
    {"V-16", recovery::numbers_go_on, "fold", numbers},
};

}  // namespace

std::vector<std::string> store_check_ids() {
  std::vector<std::string> ids;
  for (const Check& check : checks) ids.emplace_back(check.id);
  return ids;
}

Result<std::vector<database::Violation>> check_invariants(Platform& platform, const std::string& only) {
  auto all = platform.database().verify(only);
  const bool unknown_to_rows = !all && all.error().code == Code::usage;
  if (!all && !unknown_to_rows) return all;
  std::vector<database::Violation> out = all ? std::move(*all) : std::vector<database::Violation>();
  for (const Check& check : checks) {
    if (!only.empty() && only != check.id) continue;
    if (!can_look(platform, check)) {
      if (only.empty()) continue;
      return fail(Code::not_running, "{} is asked where that is done: {}", check.id,
                  check.lease ? platform.api_of_holder(check.lease) : "a member with the role worker");
    }
    const auto wrong = recovery::lasting([&] { return check.look(platform); }, [&] { return platform.pause(look_again_ms); },
                                         looks_of(platform, check));
    if (!wrong) return fail(wrong.error());
    recovery::join(out, recovery::violation_of(check.id, check.title, check.owner, *wrong));
  }
  if (out.empty()) return all;
  // By their numbers: "V-8" before "V-10".
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return std::pair(a.invariant.size(), a.invariant) < std::pair(b.invariant.size(), b.invariant);
  });
  return out;
}

}  // namespace backstitch
