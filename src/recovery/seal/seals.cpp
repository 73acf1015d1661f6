#include "recovery/seal/newest.h"

#include "recovery/saga/plan.h"
#include "recovery/saga/steps.h"

namespace backstitch::recovery {

Result<NewestSeal> newest_seal(safe::Safe& safe) {
  NewestSeal newest;
  const auto ids = recoveries(safe);
  if (!ids) return fail(ids.error());
  for (const std::string& id : *ids) {
    const auto journal = Journal::open(safe, id);
    if (!journal) return fail(journal.error());
    const std::uint64_t epoch = epochs_of(*journal).to;
    if (epoch <= newest.epoch) continue;
    newest.epoch = epoch;
    newest.completer.clear();
    for (const auto& [partition, behind] : sealed_ends(*journal, "completer")) newest.completer[partition] = behind - 1;
  }
  return newest;
}

}  // namespace backstitch::recovery
