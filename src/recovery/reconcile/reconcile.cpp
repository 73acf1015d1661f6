#include "recovery/reconcile/reconcile.h"

#include <algorithm>

#include "base/hash.h"
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
  evidence.settled = settings.settled, evidence.seals = settings.seals, evidence.before = settings.before;
  const auto end = safe.archived_end("completer", position.partition);
  if (!end) return fail(end.error());
  if (*end < position.completer)
    return fail(Code::archive_gap, "completer of partition {} ends before {}, and the rows go on to {}", position.partition, *end,
                position.completer);
  return collect_evidence(evidence, safe, position.partition);
}

/// What one partition wants, and what was recorded of it.
struct Scene {
  Evidence evidence;
  Replayed replayed;
  CatalogPtr active;
};

Result<std::unique_ptr<Scene>> scene_of(const ReconcileSettings& settings, const std::map<std::string, Time>& undone,
                                        safe::Safe& safe, database::Shard& shard, CatalogLibrary& library,
                                        const database::Position& position) {
  auto evidence = evidence_of(settings, undone, safe, position);
  if (!evidence) return fail(std::move(evidence.error()));
  std::vector<ItemId> items;
  for (const auto& [id, item] : *evidence) items.push_back(id);
  std::unique_ptr<Scene> scene(new Scene{std::move(*evidence), Replayed(shard, library), {}});
  BS_TRY(scene->replayed.load(position.partition, items));
  BS_TRY(library.load(position.catalog_digest));
  scene->active = library.find(position.catalog_digest);
  return scene;
}

/// One partition at a time is in memory.
template <class Each>
Status each_scene(const ReconcileSettings& settings, const std::map<std::string, Time>& undone, safe::Safe& safe,
                  database::Database& copy, CatalogLibrary& library, Each each) {
  const auto positions = copy.positions();
  if (!positions) return fail(positions.error());
  auto shard = copy.open_shard();
  if (!shard) return fail(std::move(shard.error()));
  for (const database::Position& position : *positions) {
    const auto scene = scene_of(settings, undone, safe, **shard, library, position);
    if (!scene) return fail(scene.error());
    each(**scene);
  }
  return {};
}

/// Nothing to decide, to list or to do: whatever there is goes with the rows, or waits in the answer index.
bool is_settled(const Reconciled& found) {
  return found.decisions.empty() && found.work.empty() && found.effects == found.rows[0] + found.rows[3];
}

void settle_accounts(const ReconcileSettings& settings, Scene& scene, SettledAccounts& out) {
  for (const ReplayedItem& item : scene.replayed.running()) out.open.insert(item.order->order.account_id);
  std::map<std::string, Evidence> by_account;
  for (auto& [id, item] : scene.evidence) by_account[item.account].emplace(id, item);
  Inquiry nobody(nullptr, {}, [](EffectId) { return false; });
  for (auto& [account, evidence] : by_account) {
    Reconciled found;
    Settler(settings, scene.replayed, scene.active, nobody, found).settle_items(evidence);
    if (is_settled(found))
      out.accounts[account] = {found.rows[0], found.rows[3]};
    else
      out.open.insert(account);
  }
}

std::string name_of(const std::map<std::string, Time>& undone) {
  std::string text;
  for (const auto& [effect, at] : undone) text += fmt::format("{} {}\n", effect, at.us);
  return digest64_text(digest64(text));
}

}  // namespace

Result<Reconciled> reconcile(const ReconcileSettings& settings, safe::Safe& safe, database::Database& copy,
                             CatalogLibrary& library, systems::Systems* systems) {
  const auto undone = undone_before(safe);
  if (!undone) return fail(undone.error());
  const Time now = settings.now.is_set() ? settings.now : wall_clock();
  Reconciled out;
  BS_TRY(each_scene(settings, *undone, safe, copy, library, [&](Scene& scene) {
    std::set<EffectId> effects;
    for (const auto& [id, item] : scene.evidence) effects.insert(item.effect);
    Inquiry inquiry(settings.policy == Policy::settle ? systems : nullptr, now,
                    [&](EffectId effect) { return effects.contains(effect); });
    Settler(settings, scene.replayed, scene.active, inquiry, out).settle(scene.evidence);
    out.asked += inquiry.asked();
  }));
  return out;
}

Result<SettledAccounts> settled_accounts(const ReconcileSettings& settings, safe::Safe& safe, database::Database& copy,
                                         CatalogLibrary& library) {
  const auto undone = undone_before(safe);
  if (!undone) return fail(undone.error());
  SettledAccounts out;
  out.undone = name_of(*undone);
  BS_TRY(each_scene(settings, *undone, safe, copy, library, [&](Scene& scene) { settle_accounts(settings, scene, out); }));
  for (const std::string& account : out.open) out.accounts.erase(account);
  return out;
}

Result<std::string> undone_so_far(safe::Safe& safe) {
  const auto undone = undone_before(safe);
  if (!undone) return fail(undone.error());
  return name_of(*undone);
}

}  // namespace backstitch::recovery
