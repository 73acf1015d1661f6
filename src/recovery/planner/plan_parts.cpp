#include "recovery/planner/plan_parts.h"

#include <algorithm>

#include "recovery/capture/time_left.h"
#include "recovery/planner/first_taken.h"
#include "recovery/planner/price.h"
#include "recovery/planner/rewound.h"

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

Result<Planned> begin_plan(const PlanRequest& request, const PlanSources& sources) {
  auto rewound = rewound_systems(request.rewound, sources.safe, sources.now);
  if (!rewound) return fail(std::move(rewound.error()));
  BS_TRY(check_exclusions(sources.safe, request.exclusions));
  Planned planned;
  Plan& plan = planned.plan;
  plan.rewound = std::move(*rewound), plan.policy = request.policy, plan.cause = request.cause, plan.actor = request.actor;
  plan.exclusions = request.exclusions, plan.tainted_catalogs = request.tainted_catalogs, plan.made_at = sources.now;
  return planned;
}

Status finish_plan(const PlanSources& sources, Planned& planned) {
  Plan& plan = planned.plan;
  auto id = new_plan_id(sources.safe, sources.now);
  if (!id) return fail(std::move(id.error()));
  plan.id = std::move(*id);
  BS_TRY(price(planned, sources));
  planned.evidence = time_left({.since = plan.time,
                                .now = sources.now,
                                .held_since = {},
                                .queue = sources.queue,
                                .safe = sources.safe,
                                .folders = sources.folders,
                                .provider = sources.provider});
  return keep_plan(sources.safe, plan);
}

}  // namespace backstitch::recovery
