#include "recovery/reconcile/carry_out.h"

#include "recovery/reconcile/inquiry.h"
#include "recovery/reconcile/settlement.h"

namespace backstitch::recovery {
namespace {

struct Hand {
  const CarryOutSettings& settings;
  CatalogLibrary& library;
  systems::Systems* systems;
  const std::function<Status(const Decision&)>& append;
  CarriedOut& out;
};

bool is_due(const WorkRow& row) {
  return row.kind.starts_with("E") && !row.open() && !row.carried_out.is_set() && !row.settlement.empty();
}

std::string reason_of(const WorkRow& row) {
  return row.who + " decided " + row.decision + (row.note.empty() ? "" : ": " + row.note);
}

Status append_settlement(const Hand& hand, const WorkRow& row, const char* verdict) {
  auto settlement = settlement_with(hand.settings.recovery_id, row.settlement, verdict, reason_of(row));
  if (!settlement) return fail(std::move(settlement.error()));
  return hand.append({row.partition, row.account, std::move(*settlement)});
}

Status cancel(const Hand& hand, const WorkRow& row) {
  BS_TRY(hand.library.load(row.catalog));
  const auto target = target_of(hand.library.find(row.catalog).get(), row.system, hand.settings.bases);
  if (!target || !target->cancel)
    return fail(Code::system_not_found, "\"{}\" has no cancel in catalog {}", row.system, row.catalog);
  if (!hand.systems) return fail(Code::unreachable, "no way to {}", row.system);
  BS_TRY(hand.systems->settle(*target, row.subject, systems::SettleVerb::cancel));
  return append_settlement(hand, row, verdict::note);
}

Status carry_out_row(const Hand& hand, const WorkRow& row) {
  if (row.decision == choice::cancel) {
    BS_TRY(cancel(hand, row));
    ++hand.out.cancelled;
  } else if (row.decision == choice::keep || row.decision == choice::by_hand) {
    ++hand.out.closed;
  } else {
    BS_TRY(append_settlement(hand, row, row.decision == verdict::next_call ? verdict::next_call : verdict::adopt));
    ++hand.out.settled;
  }
  return {};
}

}  // namespace

Result<CarriedOut> carry_out(const CarryOutSettings& settings, safe::Safe& safe, CatalogLibrary& library,
                             systems::Systems* systems, const std::function<Status(const Decision&)>& append) {
  const auto rows = load_work(safe, settings.recovery_id);
  if (!rows) return fail(rows.error());
  CarriedOut out;
  const Hand hand{settings, library, systems, append, out};
  for (const WorkRow& row : *rows) {
    if (!is_due(row)) continue;
    if (Status done = carry_out_row(hand, row); !done) {
      out.failures.push_back({row.id, std::move(done.error())});
      continue;
    }
    BS_TRY(mark_carried_out(safe, settings.recovery_id, row.id, settings.now.is_set() ? settings.now : wall_clock()));
  }
  return out;
}

}  // namespace backstitch::recovery
