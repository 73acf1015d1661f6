#include "recovery/reconcile/reconcile.h"

#include <algorithm>

#include "recovery/reconcile/settler.h"

namespace backstitch::recovery {
namespace {

/// Effects that an earlier recovery cancelled; this one's own cancels come behind its settling.
Result<std::map<std::string, Time>> undone_before(safe::Safe& safe) {
  const auto names = safe.list("recoveries/");
  if (!names) return fail(names.error());
  std::map<std::string, Time> undone;
  for (const std::string& name : *names) {
    constexpr std::string_view folder = "recoveries/", file = "/work.json";
    if (!name.ends_with(file)) continue;
    const auto rows = load_work(safe, name.substr(folder.size(), name.size() - folder.size() - file.size()));
    if (!rows) return fail(rows.error());
    for (const WorkRow& row : *rows)
      if (row.decision == choice::cancel && row.carried_out.is_set())
        undone[row.subject] = std::max(undone[row.subject], row.carried_out);
  }
  return undone;
}

Result<Evidence> evidence_of(const ReconcileSettings& settings, const std::map<std::string, Time>& undone, safe::Safe& safe,
                             const database::Position& position) {
  CollectSettings evidence;
  evidence.since = settings.since, evidence.rewound = settings.rewound, evidence.undone = undone;
  evidence.seals = settings.seals;
  const auto end = safe.archived_end("completer", position.partition);
  if (!end) return fail(end.error());
  if (*end < position.completer)
    return fail(Code::archive_gap, "completer of partition {} ends before {}, and the rows go on to {}", position.partition, *end,
                position.completer);
  return collect_evidence(evidence, safe, position.partition);
}

}  // namespace

Result<Reconciled> reconcile(const ReconcileSettings& settings, safe::Safe& safe, database::Database& copy,
                             CatalogLibrary& library, systems::Systems* systems) {
  const auto undone = undone_before(safe);
  if (!undone) return fail(undone.error());
  const auto positions = copy.positions();
  if (!positions) return fail(positions.error());
  auto shard = copy.open_shard();
  if (!shard) return fail(std::move(shard.error()));
  const Time now = settings.now.is_set() ? settings.now : wall_clock();
  Reconciled out;
  for (const database::Position& position : *positions) {
    auto evidence = evidence_of(settings, *undone, safe, position);
    if (!evidence) return fail(std::move(evidence.error()));
    std::vector<ItemId> items;
    std::set<EffectId> effects;
    for (const auto& [id, item] : *evidence) items.push_back(id), effects.insert(item.effect);
    Replayed replayed(**shard, library);
    BS_TRY(replayed.load(position.partition, items));
    BS_TRY(library.load(position.catalog_digest));
    Inquiry inquiry(settings.policy == Policy::settle ? systems : nullptr, now,
                    [&](EffectId effect) { return effects.contains(effect); });
    Settler(settings, replayed, library.find(position.catalog_digest), inquiry, out).settle(*evidence);
    out.asked += inquiry.asked();
  }
  return out;
}

}  // namespace backstitch::recovery
