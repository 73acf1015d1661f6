#include "recovery/replay/replay.h"

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

/// The first failure, in the order of threads, which a `stop` of the others cannot hide.
Status run_all(std::vector<std::unique_ptr<ReplayThread>>& parts, std::atomic<bool>& stop) {
  std::vector<Status> ended(parts.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < parts.size(); ++i)
    threads.emplace_back([&, i] {
      ended[i] = parts[i]->run();
      if (!ended[i]) stop = true;
    });
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
  std::vector<std::unique_ptr<ReplayThread>> parts;
  for (std::vector<Partition>& partitions : *owners)
    parts.push_back(std::make_unique<ReplayThread>(settings, std::move(partitions), safe, database, library, stop));
  BS_TRY(run_all(parts, stop));
  const auto after = folded(database);
  if (!after) return fail(after.error());
  ReplayReport report;
  report.inputs = *after - *before;
  for (const auto& part : parts) report.turns += part->turns(), report.decided_again += part->decided_again();
  report.duration_ms = monotonic_ms() - begin_ms;
  return report;
}

}  // namespace backstitch::recovery
