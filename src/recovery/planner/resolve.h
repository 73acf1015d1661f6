// A predicate over inputs is resolved once, to the places where they stand: that list is reviewed and becomes the exclusion.
#pragma once
#include <string>
#include <vector>

#include "base/time.h"
#include "recovery/replay/exclusions.h"

namespace backstitch::recovery {

/// Every member that is set must hold.
struct InputPredicate {
  std::string kind;                     // "submit", "catalog-activate", "item-command" …
  std::string source, order;            // of a submit: its source; its source order id, or the beginning of it with a * behind
  std::string account, actor, catalog;  // catalog: digest of an activation
  Time since, until;                    // append time: [since, until)
  bool is_empty() const;
};

/// By partition and offset. Code::usage for a predicate that says nothing: everything is never left out.
Result<std::vector<Exclusion>> resolve_exclusions(const InputPredicate& predicate, const std::string& why, safe::Safe& safe,
                                                  int partitions);

}  // namespace backstitch::recovery
