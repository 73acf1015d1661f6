#include "recovery/window/window_step.h"

#include <algorithm>

#include "base/hash.h"
#include "recovery/capture/evidence.h"
#include "recovery/reconcile/work.h"
#include "recovery/saga/steps.h"
#include "recovery/window/collect.h"
#include "recovery/window/window_changes.h"

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
json::object count(const std::vector<WindowClass>& classes, std::vector<WorkRow>& work) {
  std::map<std::string, std::int64_t> counts;
  for (const WindowClass& one : classes) {
    ++counts[one.kind];
    if (!one.settled) work.push_back(row_of(one));
  }
  json::object out;
  for (const auto& [kind, number] : counts) out[kind] = number;
  return out;
}

Time cut_of(const Journal& journal) {
  const json::object captured = journal.step("capture").result;
  const json::value* cut = captured.if_contains("cut");
  return cut && cut->is_object() ? Time{cut->at("timeUs").to_number<std::int64_t>()} : wall_clock();
}

}  // namespace

Result<AssetChanges> changes_of_window(World& world, const Journal& journal) {
  return changes_of_window(*world.queue, world.safe, world.plan.time.plus_ms(-WindowInput{}.margin_ms), held_since(journal));
}

Result<json::object> classify_window(World& world, const Journal& journal, const AssetChanges& exported) {
  WindowSources sources{
      .crm = world.crm, .safe = &world.safe, .exported = &exported, .positions = restored_positions(journal), .exclusions = {}};
  for (const Exclusion& one : world.plan.exclusions) sources.exclusions[{one.partition, one.offset}] = one;
  const auto input = collect_window(world.plan.time, cut_of(journal), sources, nullptr, *world.database);
  if (!input) return fail(input.error());
  const auto activated = std::count_if(input->database.begin(), input->database.end(), [&](const auto& entry) {
    return entry.second.state == to_text(OrderState::activated) && entry.second.changed_at >= world.plan.time;
  });
  std::vector<WorkRow> work;
  json::object out{{"orders", count(classify_orders(*input), work)}, {"assets", count(classify_assets(*input), work)}};
  BS_TRY(add_work(world.safe, world.plan.id, work));
  json::array gaps;
  for (const WindowGap& gap : input->gaps) {
    if (!world.crm && gap.store == "crm") continue;
    if (gap.to.is_set() && gap.to <= world.plan.time) continue;  // no part of the window
    gaps.push_back(gap_object(gap.store, gap.to.is_set() ? std::max(gap.from, world.plan.time) : gap.from, gap.to, gap.why));
  }
  out["gaps"] = std::move(gaps), out["work"] = work.size(), out["activated"] = activated;
  return out;
}

}  // namespace backstitch::recovery
