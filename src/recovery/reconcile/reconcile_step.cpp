// Only decides: each decision is an input with its reason, written down here and appended by resume.
#include "base/json.h"
#include "recovery/prepared/prepared.h"
#include "recovery/reconcile/reconcile.h"
#include "recovery/saga/steps.h"
#include "recovery/seal/seals.h"

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

/// What prepare() found out of calls holds as long as nothing that it went by was cancelled since.
Result<bool> prepared_holds(World& world) {
  if (!world.standing) return false;
  const auto undone = undone_so_far(world.safe);
  if (!undone) return fail(undone.error());
  return *undone == world.standing->prepared.undone;
}

/// Effects of accounts that were passed over.
void add_standing(const Standing& standing, Reconciled& found) {
  for (const auto& [name, account] : standing.prepared.accounts) {
    found.rows[0] += account.stood, found.rows[3] += account.adopted, found.adopted += account.adopted;
    found.effects += account.stood + account.adopted;
  }
}

}  // namespace

Result<ReconcileSettings> reconcile_settings(World& world) {
  ReconcileSettings settings;
  settings.policy = world.plan.policy, settings.since = world.plan.time, settings.recovery_id = world.plan.id;
  settings.bases = world.bases, settings.rewound = world.plan.rewound;
  auto seals = seals_of_all(world.safe);
  if (!seals) return fail(std::move(seals.error()));
  settings.seals = std::move((*seals)["completer"]);
  return settings;
}

StepResult reconcile_effects(World& world, Journal&) {
  BS_TRY(open_copy(world));
  BS_TRY(find_standing(world));
  auto settings = reconcile_settings(world);
  if (!settings) return fail(std::move(settings.error()));
  const auto holds = prepared_holds(world);
  if (!holds) return fail(holds.error());
  if (*holds) {
    settings->settled = [&](const std::string& account) { return world.standing->holds(account); };
    settings->before = [&](Partition partition, const EachRecord& each) {
      return read_open(world, "completer", partition, each);
    };
  }
  auto found = reconcile(*settings, world.safe, *world.database, world.library, world.systems);
  if (!found) return fail(std::move(found.error()));
  if (*holds) add_standing(*world.standing, *found);
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
