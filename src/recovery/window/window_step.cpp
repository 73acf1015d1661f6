#include "recovery/window/window_step.h"

#include <algorithm>

#include "base/hash.h"
#include "recovery/capture/evidence.h"
#include "recovery/reconcile/work.h"
#include "recovery/saga/steps.h"
#include "recovery/window/collect.h"
#include "recovery/window/window_changes.h"
#include "recovery/window/window_standing.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

WorkRow row_of(const WindowClass& one) {
  WorkRow row;
  row.kind = one.kind, row.subject = one.subject, row.evidence = one.why, row.proposal = "look at it";
  row.id = "w-" + hex(std::string_view(reinterpret_cast<const char*>(sha256_parts({one.kind, one.subject}).data()), 6));
  row.choices = {"look at it", "nothing to do"};
  row.note = one.handling;
  return row;
}

/// Counts each class; what the replay did not settle is for people.
void count(const std::vector<WindowClass>& classes, std::map<std::string, std::int64_t>& counts, std::vector<WorkRow>& work) {
  for (const WindowClass& one : classes) {
    ++counts[one.kind];
    if (!one.settled) work.push_back(row_of(one));
  }
}

json::object counts_object(const std::map<std::string, std::int64_t>& counts) {
  json::object out;
  for (const auto& [kind, number] : counts)
    if (number != 0) out[kind] = number;
  return out;
}

Time cut_of(const Journal& journal) {
  const json::object captured = journal.step("capture").result;
  const json::value* cut = captured.if_contains("cut");
  return cut && cut->is_object() ? Time{cut->at("timeUs").to_number<std::int64_t>()} : wall_clock();
}

/// The whole of it.
Result<WindowBehind> whole_window(World& world, const Journal& journal, Time cut) {
  const auto changes =
      changes_of_window(*world.queue, world.safe, world.plan.time.plus_ms(-WindowInput{}.margin_ms), held_since(journal));
  if (!changes) return fail(changes.error());
  WindowSources sources{.crm = world.crm,
                        .crm_since = {},
                        .safe = &world.safe,
                        .exported = &*changes,
                        .positions = restored_positions(journal),
                        .exclusions = {}};
  for (const Exclusion& one : world.plan.exclusions) sources.exclusions[{one.partition, one.offset}] = one;
  auto input = collect_window(world.plan.time, cut, sources, nullptr, *world.database);
  if (!input) return fail(std::move(input.error()));
  WindowBehind out{std::move(*input), {}, {}};
  out.standing.asset_changes = changes_since(*changes, world.plan.time), out.excluded = out.input.excluded;
  return out;
}

Result<WindowBehind> window_of(World& world, const Journal& journal) {
  const Time cut = cut_of(journal);
  auto behind = window_behind(world, cut);
  if (!behind) return fail(std::move(behind.error()));
  if (*behind) return std::move(**behind);
  return whole_window(world, journal, cut);
}

json::array gaps_of(const World& world, const WindowInput& input) {
  json::array gaps;
  for (const WindowGap& gap : input.gaps) {
    if (!world.crm && gap.store == "crm") continue;
    if (gap.to.is_set() && gap.to <= world.plan.time) continue;  // no part of the window
    gaps.push_back(gap_object(gap.store, gap.to.is_set() ? std::max(gap.from, world.plan.time) : gap.from, gap.to, gap.why));
  }
  return gaps;
}

}  // namespace

Result<json::object> classify_window(World& world, const Journal& journal) {
  auto window = window_of(world, journal);
  if (!window) return fail(std::move(window.error()));
  WindowInput& input = window->input;
  WindowCounted counted = std::move(window->standing);
  for (const auto& [name, order] : input.database)
    counted.activated += order.state == to_text(OrderState::activated) && order.changed_at >= world.plan.time;
  std::vector<WorkRow> work;
  count(classify_orders(input), counted.orders, work);
  input.excluded = std::move(window->excluded);  // an asset may be of an order that was classified beforehand
  count(classify_assets(input), counted.assets, work);
  BS_TRY(add_work(world.safe, world.plan.id, work));
  return json::object{{"orders", counts_object(counted.orders)}, {"assets", counts_object(counted.assets)},
                      {"gaps", gaps_of(world, input)},           {"work", work.size()},
                      {"activated", counted.activated},          {"assetChanges", counted.asset_changes}};
}

}  // namespace backstitch::recovery
