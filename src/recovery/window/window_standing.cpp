#include "recovery/window/window_standing.h"

#include <algorithm>

#include "base/json.h"
#include "recovery/prepared/prepared.h"
#include "recovery/prepared/prepared_files.h"
#include "recovery/saga/steps.h"
#include "recovery/window/names.h"
#include "recovery/window/window_changes.h"

namespace backstitch::recovery {
namespace {

constexpr std::int64_t skew_margin_ms = 60'000;  // the CRM's clock is not ours
constexpr const char* exported_topic = "order_orderitems";

Exclusions exclusions_of(const Plan& plan) {
  Exclusions out;
  for (const Exclusion& one : plan.exclusions) out[{one.partition, one.offset}] = one;
  return out;
}

Result<Ends> ends_of(queue::Queue& log) {
  const auto topic = log.topic(exported_topic);
  if (!topic) return fail(topic.error());
  Ends ends;
  for (const auto& end : topic->partitions) ends[end.partition] = end.end;
  return ends;
}

/// What was exported behind these ends; nothing when the log does not go on there.
Result<std::optional<AssetChanges>> changes_behind(queue::Queue& log, const Ends& ends) {
  const auto topic = log.topic(exported_topic);
  if (!topic) return fail(topic.error());
  AssetRange range;
  for (const auto& now : topic->partitions) {
    const auto end = ends.find(now.partition);
    if (end == ends.end() || end->second < now.begin || end->second > now.end) return std::nullopt;
    range.offsets[now.partition] = {end->second, now.end};
  }
  auto changes = read_asset_changes(log, range);
  if (!changes) return fail(std::move(changes.error()));
  return std::move(*changes);
}

bool same_places(const std::vector<database::Position>& left, const std::vector<database::Position>& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](const auto& a, const auto& b) {
    return a.partition == b.partition && a.incoming == b.incoming && a.completer == b.completer;
  });
}

/// Orders whose rows the tail has changed, as they stand now.
Result<std::map<std::string, WindowOrder>> changed_orders(World& world, Time since) {
  std::map<std::string, WindowOrder> out;
  if (!since.is_set()) return out;
  const auto ids = world.database->orders_changed(since);
  if (!ids) return fail(ids.error());
  auto shard = world.database->open_shard();
  if (!shard) return fail(std::move(shard.error()));
  const auto stored = (*shard)->load_orders(*ids);
  if (!stored) return fail(stored.error());
  for (const database::StoredOrder& one : *stored) {
    const auto document = parse_json(one.doc.document);
    const std::string name = document && document->is_object() ? order_name_of(document->get_object(), "version") : "";
    if (!name.empty()) out[name] = {name, to_text(one.order.state), one.order.created_at, one.order.changed_at};
  }
  return out;
}

Result<std::optional<WindowKept>> load_kept(World& world, Time cut) {
  if (!world.standing) return std::nullopt;
  const auto text = world.safe.get(evidence_name(world.plan, prepared_window_file));
  if (!text && text.error().code == Code::object_not_found) return std::nullopt;
  if (!text) return fail(text.error());
  auto kept = window_kept_from(*text);
  if (!kept) return fail(std::move(kept.error()));
  const bool holds = kept->since == world.plan.time && kept->cut <= cut && kept->asked.is_set() == (world.crm != nullptr) &&
                     same_places(kept->positions, world.standing->prepared.positions);
  if (!holds) return std::nullopt;
  return std::move(*kept);
}

/// What the outside says that it did not say then.
WindowTouched touched_by(const WindowInput& input, const std::map<std::string, WindowOrder>& changed, const Standing& standing) {
  WindowTouched touched{{}, standing.tail.accounts};
  for (const auto* orders : {&input.crm, &input.archive, &changed})
    for (const auto& [name, order] : *orders) touched.orders.insert(name);
  for (const auto& [name, why] : input.excluded) touched.orders.insert(name);
  for (const auto* assets : {&input.crm_assets, &input.exported})
    for (const auto& [reference, asset] : *assets) touched.accounts.insert(asset.account);
  return touched;
}

/// Joins what was left out then and since. What an archived record brings all the same is not left out.
void join_excluded(const WindowKept& kept, const std::set<std::string>& names, WindowBehind& out) {
  out.excluded = kept.excluded;
  out.excluded.merge(out.input.excluded);
  std::erase_if(out.excluded, [&](const auto& one) { return out.input.archive.contains(one.first); });
  out.input.excluded.clear();
  for (const auto& [name, why] : out.excluded)
    if (names.contains(name)) out.input.excluded[name] = why;
}

}  // namespace

Status prepare_window(World& world, const Journal& journal, queue::Queue& log, Time cut) {
  const Time asked = wall_clock(), since = world.plan.time.plus_ms(-WindowInput{}.margin_ms);
  auto ends = ends_of(log);
  auto positions = world.database->positions();
  if (!ends) return fail(std::move(ends.error()));
  if (!positions) return fail(std::move(positions.error()));
  const auto changes = changes_of_window(log, world.safe, since, asked);
  if (!changes) return fail(changes.error());
  const WindowSources sources{.crm = world.crm,
                              .crm_since = {},
                              .safe = &world.safe,
                              .exported = &*changes,
                              .positions = restored_positions(journal),
                              .exclusions = exclusions_of(world.plan)};
  const auto input = collect_window(world.plan.time, cut, sources, nullptr, *world.database);
  if (!input) return fail(input.error());
  if (world.crm && !input->crm_known) return {};  // it does not answer: its word is to be had as a whole, or not at all
  WindowKept kept = keep_window(*input);
  kept.asked = world.crm ? asked : Time{}, kept.exported = std::move(*ends), kept.positions = std::move(*positions);
  kept.counted.asset_changes = changes_since(*changes, world.plan.time);
  return world.safe.put(evidence_name(world.plan, prepared_window_file), window_kept_text(kept));
}

Result<std::optional<WindowBehind>> window_behind(World& world, Time cut) {
  auto kept = load_kept(world, cut);
  if (!kept) return fail(std::move(kept.error()));
  if (!*kept) return std::nullopt;
  const auto changes = changes_behind(*world.queue, (*kept)->exported);
  if (!changes) return fail(changes.error());
  if (!*changes) return std::nullopt;
  WindowBehind out;
  WindowInput& input = out.input;
  input.since = world.plan.time, input.cut = cut, input.name_of_id = (*kept)->name_of_id;
  const WindowSources sources{.crm = world.crm,
                              .crm_since = (*kept)->asked.plus_ms(-skew_margin_ms),
                              .safe = &world.safe,
                              .exported = &**changes,
                              .positions = world.standing->prepared.positions,
                              .exclusions = exclusions_of(world.plan)};
  BS_TRY(collect_outside(input, sources));
  if (world.crm && !input.crm_known) return std::nullopt;
  const auto changed = changed_orders(world, world.standing->tail.since);
  if (!changed) return fail(changed.error());
  auto names = take_touched(**kept, touched_by(input, *changed, *world.standing), input);
  if (!names) return fail(std::move(names.error()));
  for (const auto& [name, why] : input.excluded) names->insert(name);
  join_excluded(**kept, *names, out);
  for (const auto& [name, order] : *changed)
    if (order.submitted_at >= input.since.plus_ms(-input.margin_ms)) names->insert(name);
  BS_TRY(collect_named(input, *world.database, *names));
  out.standing = std::move((*kept)->counted), out.standing.asset_changes += changes_since(**changes, world.plan.time);
  input.gaps.insert(input.gaps.begin(), (*kept)->gaps.begin(), (*kept)->gaps.end());
  return out;
}

}  // namespace backstitch::recovery
