// Only decides: each decision is an input with its reason, written down here and appended by resume.
#include "base/json.h"
#include "recovery/reconcile/reconcile.h"
#include "recovery/saga/steps.h"

namespace backstitch::recovery {
namespace json = boost::json;

std::string decisions_name(const Plan& plan) { return "recoveries/" + plan.id + "/decisions.jsonl"; }

namespace {

/// One JSON object a line: partition, account, and the input as text.
std::string decision_lines(const std::vector<Decision>& decisions) {
  std::string lines;
  for (const Decision& decision : decisions)
    lines +=
        write_json(json::object{{"partition", decision.partition}, {"account", decision.account}, {"value", decision.value}}) +
        "\n";
  return lines;
}

}  // namespace

StepResult reconcile_effects(World& world, Journal& journal) {
  BS_TRY(open_copy(world));
  ReconcileSettings settings;
  settings.policy = world.plan.policy, settings.since = world.plan.time, settings.recovery_id = world.plan.id;
  settings.bases = world.bases, settings.rewound = world.plan.rewound;
  for (const auto& [partition, end] : sealed_ends(journal, "completer")) settings.seal.emplace_back(partition, end - 1);
  auto found = reconcile(settings, world.safe, *world.database, world.library, world.systems);
  if (!found) return fail(std::move(found.error()));
  BS_TRY(world.safe.put(decisions_name(world.plan), decision_lines(found->decisions)));
  BS_TRY(add_work(world.safe, world.plan.id, found->work));
  json::array rows;
  for (const std::int64_t count : found->rows) rows.emplace_back(count);
  return json::object{{"rows", std::move(rows)},
                      {"effects", found->effects},
                      {"adopted", found->adopted},
                      {"amended", found->amended},
                      {"compensated", found->compensated},
                      {"asked", found->asked},
                      {"resent", found->resent},
                      {"run", found->run},
                      {"fatallyFailed", found->fatally_failed},
                      {"open", found->open},
                      {"decisions", found->decisions.size()},
                      {"work", found->work.size()}};
}

}  // namespace backstitch::recovery
