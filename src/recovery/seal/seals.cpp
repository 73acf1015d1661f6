#include "recovery/seal/seals.h"

#include "recovery/saga/plan.h"
#include "recovery/saga/steps.h"

namespace backstitch::recovery {

Result<std::map<std::string, Seals>> seals_of_all(safe::Safe& safe) {
  std::map<std::string, Seals> seals;
  const auto ids = recoveries(safe);
  if (!ids) return fail(ids.error());
  for (const std::string& id : *ids) {
    const auto journal = Journal::open(safe, id);
    if (!journal) return fail(journal.error());
    const std::uint64_t epoch = epochs_of(*journal).to;
    for (const char* topic : {"completer", "order_orderitems"})
      for (const auto& [partition, behind] : sealed_ends(*journal, topic)) seals[topic][partition].push_back({behind - 1, epoch});
  }
  return seals;
}

}  // namespace backstitch::recovery
