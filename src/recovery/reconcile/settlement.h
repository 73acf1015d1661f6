// A decision of the settling table as an input (incoming.settlement/1), and what is left to a person as a row of work.
#pragma once
#include <string>

#include "recovery/reconcile/evidence.h"
#include "recovery/reconcile/reconcile.h"

namespace backstitch::recovery {

namespace verdict {
inline constexpr const char *adopt = "adopt", *fatally_fail = "fatally-fail", *next_call = "next-call", *note = "note";
}
namespace choice {
inline constexpr const char *cancel = "cancel", *keep = "keep", *by_hand = "done-by-hand", *amend = "amend by hand";
}

/// What a decision is about: a call of one item, decided for the same item or for another of the same business.
struct SettledCall {
  const ItemEvidence* evidence = nullptr;
  int call = 1;
  ItemId item;  // whom the decision is for
};

/// The same recovery, call, item and verdict give the same command: a rerun repeats it, and the engine takes it once.
std::string settlement_json(const std::string& recovery_id, const SettledCall& call, const std::string& verdict,
                            const std::string& reason);
/// The same settlement with another verdict, command id included; of an effect that was cancelled, `outcome` says so.
/// Code::json_invalid.
Result<std::string> settlement_with(const std::string& recovery_id, const std::string& settlement, const std::string& verdict,
                                    const std::string& reason);

/// A row about this call: `kind` "E1" …; the first choice is the proposal. What a choice does: carry_out.h.
WorkRow work_of(const std::string& recovery_id, const SettledCall& call, const char* kind, const std::string& evidence,
                const std::vector<std::string>& choices);

}  // namespace backstitch::recovery
