#include "recovery/replay/replay.h"

#include <condition_variable>
#include <limits>
#include <mutex>
#include <thread>

#include "base/assert.h"
#include "recovery/replay/replay_thread.h"

namespace backstitch::recovery {
namespace {

using Owners = std::vector<std::vector<Partition>>;

Result<Owners> owners_of(const ReplaySettings& settings, database::Database& database) {
  if (!settings.owners.empty()) return settings.owners;
  BS_ASSERT(settings.threads > 0, "a replay has a thread");
  const auto positions = database.positions();
  if (!positions) return fail(positions.error());
  Owners owners(std::min(static_cast<std::size_t>(settings.threads), std::max<std::size_t>(positions->size(), 1)));
  for (std::size_t i = 0; i < positions->size(); ++i) owners[i % owners.size()].push_back((*positions)[i].partition);
  return owners;
}

/// Records that are folded, by the positions: of two turns in flight, one may stand although the other is void.
Result<std::uint64_t> folded(database::Database& database) {
  const auto positions = database.positions();
  if (!positions) return fail(positions.error());
  std::uint64_t count = 0;
  for (const database::Position& position : *positions) count += position.incoming + position.completer;
  return count;
}

using Parts = std::vector<std::unique_ptr<ReplayThread>>;

void report_progress(const ReplaySettings& settings, const Parts& parts) {
  if (!settings.progress) return;
  std::uint64_t done = 0, all = 0;
  for (const auto& part : parts) done += part->inputs_done(), all += part->inputs_all();
  settings.progress(done, all);
}

/// What recoveries have settled before, and this one.
Result<Settled> settled(const ReplaySettings& settings, safe::Safe& safe, database::Database& database) {
  Settled out;
  auto refusals = load_refusals(safe);
  if (!refusals) return fail(std::move(refusals.error()));
  out.refusals = std::move(*refusals);
  const auto kept = load_exclusions(safe);
  if (!kept) return fail(kept.error());
  for (const Exclusions& exclusions : {*kept, settings.exclusions})
    for (const auto& [place, exclusion] : exclusions) out.left_out[place] = exclusion.why;
  auto distrusted = load_distrusted(safe);
  if (!distrusted) return fail(std::move(distrusted.error()));
  out.distrusted = std::move(*distrusted);
  if (!settings.fatally_fail) return out;
  const auto positions = database.positions();
  if (!positions) return fail(positions.error());
  for (const database::Position& position : *positions)  // whatever this replay folds, and be it archived only now
    out.distrusted[position.partition].push_back({position.completer, std::numeric_limits<std::uint64_t>::max()});
  return out;
}

/// The first failure, in the order of threads, which a `stop` of the others cannot hide.
Status run_all(const ReplaySettings& settings, Parts& parts, std::atomic<bool>& stop) {
  std::mutex mutex;
  std::condition_variable ended_one;
  std::size_t running = parts.size();
  std::vector<Status> ended(parts.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < parts.size(); ++i)
    threads.emplace_back([&, i] {
      ended[i] = parts[i]->run();
      if (!ended[i]) stop = true;
      const std::lock_guard lock(mutex);
      --running, ended_one.notify_one();
    });
  std::unique_lock lock(mutex);
  while (running > 0) {
    ended_one.wait_for(lock, std::chrono::milliseconds(200));
    lock.unlock();
    report_progress(settings, parts);
    lock.lock();
  }
  lock.unlock();
  for (std::thread& thread : threads) thread.join();
  for (Status& status : ended)
    if (!status) return fail(std::move(status.error()));
  return {};
}

}  // namespace

Result<ReplayReport> replay(const ReplaySettings& settings, safe::Safe& safe, database::Database& database,
                            CatalogLibrary& library) {
  BS_ASSERT(settings.inputs_max > 0, "a turn takes inputs");
  const std::int64_t begin_ms = monotonic_ms();
  auto owners = owners_of(settings, database);
  if (!owners) return fail(std::move(owners.error()));
  const auto before = folded(database);
  if (!before) return fail(before.error());
  std::atomic<bool> stop{false};
  const auto settled_before = settled(settings, safe, database);
  if (!settled_before) return fail(settled_before.error());
  Parts parts;
  for (std::vector<Partition>& partitions : *owners)
    parts.push_back(
        std::make_unique<ReplayThread>(settings, *settled_before, std::move(partitions), safe, database, library, stop));
  BS_TRY(run_all(settings, parts, stop));
  const auto after = folded(database);
  if (!after) return fail(after.error());
  ReplayReport report;
  report.inputs = *after - *before;
  for (const auto& part : parts) report.turns += part->turns(), report.decided_again += part->decided_again();
  report.duration_ms = monotonic_ms() - begin_ms;
  return report;
}

}  // namespace backstitch::recovery
