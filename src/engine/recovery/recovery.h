// What a recovery says through the log, and what a fold puts in the place of records that a recovery settled; one file each.
#pragma once
#include "engine/engine.h"

namespace backstitch {

/// Records what was left out; decides nothing else.
void record_exclusion(Desk& desk, const ExclusionInput& exclusion);
/// Carries a decision of the settling table out, or refuses it in writing.
void settle_item(Desk& desk, const SettlementInput& settlement);
/// The record stands, and decides nothing but that it was left out; the submitter of an order is told.
void leave_out(Desk& desk, const ExcludedInput& excluded);
/// The item in this call becomes Fatally Failed, whatever the record says: what the outside did with it is for a person.
void distrust_call(Desk& desk, const DistrustedInput& evidence);

}  // namespace backstitch
