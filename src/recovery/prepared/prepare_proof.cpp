// Beside the running platform: the whole copy is looked at once, account by account.
#include "recovery/prepared/net_state.h"
#include "recovery/prepared/prepared.h"
#include "recovery/prepared/prepared_files.h"
#include "recovery/reconcile/reconcile.h"
#include "recovery/saga/steps.h"
#include "recovery/verify/conservation.h"
#include "stores/database/invariants/invariants.h"

namespace backstitch::recovery {
namespace {

/// Before anything is looked at.
Status take_moment(World& world, Prepared& prepared) {
  if (!world.copy) return {};
  auto session = database::Connection::open(world.copy->connection());
  if (!session) return fail(std::move(session.error()));
  const auto moment = database::moment_now(*session);
  if (!moment) return fail(moment.error());
  prepared.moment = *moment;
  return {};
}

Status take_digests(World& world, Prepared& prepared) {
  return world.database->account_digests(
      [&](const std::string& account, std::uint64_t digest) { prepared.accounts[account].digest = digest; });
}

Status take_orders(World& world, Prepared& prepared) {
  for (const database::Position& at : prepared.positions) {
    const auto sums = orders_by_account(world, at);
    if (!sums) return fail(sums.error());
    for (const auto& [name, sum] : *sums) {
      PreparedAccount& account = prepared.accounts[name];
      account.kept = sum.kept, account.replayed = sum.replayed, account.rejected = sum.rejected;
      if (sum.open != 0 || sum.difference() != 0) prepared.open.insert(name);
    }
  }
  return {};
}

Status take_effects(World& world, Prepared& prepared) {
  const auto settings = reconcile_settings(world);
  if (!settings) return fail(settings.error());
  const auto settled = settled_accounts(*settings, world.safe, *world.database, world.library);
  if (!settled) return fail(settled.error());
  prepared.open.insert(settled->open.begin(), settled->open.end());
  prepared.undone = settled->undone;
  for (const auto& [name, effects] : settled->accounts) {
    PreparedAccount& account = prepared.accounts[name];
    account.stood = effects.stood, account.adopted = effects.adopted;
  }
  for (Partition partition = 0; partition < world.partitions; ++partition) {
    const auto marked = marked_by_account(world, partition);
    if (!marked) return fail(marked.error());
    for (const auto& [name, effects] : *marked) prepared.accounts[name].marked = static_cast<std::int64_t>(effects.size());
  }
  return {};
}

Status take_invariants(World& world, Prepared& prepared) {
  const auto checked = world.database->verify("");
  if (!checked) return fail(checked.error());
  prepared.invariants_held = true;
  for (const database::Violation& one : *checked) prepared.invariants_held &= one.count == 0;
  return {};
}

}  // namespace

Status prepare_proof(World& world, const Journal& journal) {
  Prepared prepared;
  auto positions = world.database->positions();
  if (!positions) return fail(std::move(positions.error()));
  prepared.positions = std::move(*positions);
  BS_TRY(take_moment(world, prepared));
  BS_TRY(take_digests(world, prepared));
  BS_TRY(take_orders(world, prepared));
  BS_TRY(take_effects(world, prepared));
  BS_TRY(take_invariants(world, prepared));
  BS_TRY(count_archive(world, restored_positions(journal), prepared.positions, prepared.counts));
  // The outage looks at these anew.
  for (const std::string& account : prepared.open) prepared.accounts.erase(account);
  BS_TRY(prepare_net_state(world));
  BS_TRY(prepare_places(world, prepared.positions));
  // Last: what has this file has the other one.
  return world.safe.put(evidence_name(world.plan, prepared_file), prepared_text(prepared));
}

}  // namespace backstitch::recovery
