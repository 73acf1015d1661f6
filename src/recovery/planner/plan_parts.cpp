#include "recovery/planner/plan_parts.h"

#include <algorithm>

#include "recovery/planner/first_taken.h"

namespace backstitch::recovery {

Result<std::string> new_plan_id(safe::Safe& safe, Time now) {
  std::string text = rfc3339(now).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  const std::string first = "rec-" + text + "Z";
  const auto taken = recoveries(safe);
  if (!taken) return fail(taken.error());
  std::string id = first;
  for (int number = 2; std::find(taken->begin(), taken->end(), id) != taken->end(); ++number)
    id = fmt::format("{}-{}", first, number);
  return id;
}

Result<Time> first_excluded(safe::Safe& safe, const std::vector<Exclusion>& exclusions) {
  Time first;
  for (const Exclusion& exclusion : exclusions)
    BS_TRY(safe.read_archive("incoming", exclusion.partition, exclusion.offset, [&](const queue::Record& record) {
      if (!first.is_set() || record.appended < first) first = record.appended;
      return false;
    }));
  return first;
}

Status check_left_out(const PlanRequest& request, const PlanSources& sources, Time kept_until) {
  const auto taken = first_taken(sources.safe, request.exclusions);
  if (!taken) return fail(taken.error());
  if (!*taken || kept_until < (*taken)->at) return {};
  const Exclusion& input = (*taken)->input;
  return fail(Code::target_behind_input, "input {} of partition {} was taken in at {}: go back to {} at the latest", input.offset,
              input.partition, rfc3339((*taken)->at), rfc3339(Time{(*taken)->at.us - 1}));
}

}  // namespace backstitch::recovery
