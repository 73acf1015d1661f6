#include "recovery/saga/plan.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "base/json_member.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::string name_of(const std::string& id) { return "recoveries/" + id + "/plan.json"; }

std::vector<std::string> texts(const json::object& object, const char* name) {
  std::vector<std::string> out;
  if (const json::value* list = object.if_contains(name); list && list->is_array())
    for (const json::value& value : list->get_array())
      if (value.is_string()) out.emplace_back(value.get_string());
  return out;
}

json::array array_of(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& one : list) out.emplace_back(one);
  return out;
}

Time time_of(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_int64() ? Time{value->get_int64()} : Time();
}

Result<std::map<std::string, Time>> rewound_of(const json::object& object) {
  std::map<std::string, Time> rewound;
  const json::value* list = object.if_contains("systemsRewound");  // plans of before have none
  for (const json::value& one : list && list->is_array() ? list->get_array() : json::array()) {
    if (!one.is_object()) return fail(Code::json_invalid, "systemsRewound of a plan is a list of objects");
    const auto since = parse_rfc3339(text_in(one.get_object(), "since"));
    if (!since) return fail(since.error());
    rewound[text_in(one.get_object(), "system")] = *since;
  }
  return rewound;
}

}  // namespace

const char* to_text(Policy policy) { return policy == Policy::settle ? "settle" : "fatally-fail"; }

Result<Policy> policy_from(std::string_view text) {
  if (text == "settle") return Policy::settle;
  if (text == "fatally-fail") return Policy::fatally_fail;
  return fail(Code::usage, "policy \"{}\"; there are settle and fatally-fail", text);
}

std::string plan_json(const Plan& plan) {
  const auto exclusions = parse_json(exclusions_json(plan.exclusions));
  return write_json(json::object{{"schema", "recovery.plan/1"},
                                 {"id", plan.id},
                                 {"asked", plan.asked},
                                 {"before", plan.before.is_set() ? plan.before.text() : ""},
                                 {"untilUs", plan.until.us},
                                 {"timeUs", plan.time.us},
                                 {"time", plan.time.is_set() ? rfc3339(plan.time) : ""},
                                 {"backup", plan.backup},
                                 {"policy", to_text(plan.policy)},
                                 {"exclusions", exclusions ? *exclusions : json::value(json::array())},
                                 {"taintedCatalogs", array_of(plan.tainted_catalogs)},
                                 {"lockedRoles", array_of(plan.locked_roles)},
                                 {"systemsRewound", rewound_json(plan)},
                                 {"cause", plan.cause},
                                 {"actor", plan.actor},
                                 {"madeAtUs", plan.made_at.us}});
}

json::array rewound_json(const Plan& plan) {
  json::array out;
  for (const auto& [system, since] : plan.rewound) out.push_back(json::object{{"system", system}, {"since", rfc3339(since)}});
  return out;
}

std::string rewound_text(const Plan& plan) {
  std::string text;
  for (const auto& [system, since] : plan.rewound)
    text += fmt::format("  rewound     {} was restored to {}: what it answered from then on is asked again\n", system,
                        rfc3339(since));
  return text;
}

Result<Plan> plan_from_json(std::string_view content) {
  const auto document = parse_json(content);
  if (!document) return fail(document.error());
  if (!document->is_object()) return fail(Code::json_invalid, "a plan is an object");
  const json::object& object = document->get_object();
  Plan plan;
  plan.id = text_in(object, "id"), plan.asked = text_in(object, "asked"), plan.backup = text_in(object, "backup");
  if (const std::string before = text_in(object, "before"); !before.empty()) {
    auto lsn = database::Lsn::parse(before);
    if (!lsn) return fail(std::move(lsn.error()));
    plan.before = *lsn;
  }
  auto policy = policy_from(text_in(object, "policy"));
  if (!policy) return fail(std::move(policy.error()));
  plan.policy = *policy, plan.until = time_of(object, "untilUs"), plan.time = time_of(object, "timeUs"),
  plan.made_at = time_of(object, "madeAtUs");
  if (const json::value* list = object.if_contains("exclusions")) {
    auto exclusions = exclusions_from_json(write_json(*list));
    if (!exclusions) return fail(std::move(exclusions.error()));
    plan.exclusions = std::move(*exclusions);
  }
  plan.tainted_catalogs = texts(object, "taintedCatalogs"), plan.locked_roles = texts(object, "lockedRoles");
  plan.cause = text_in(object, "cause"), plan.actor = text_in(object, "actor");
  auto rewound = rewound_of(object);
  if (!rewound) return fail(std::move(rewound.error()));
  plan.rewound = std::move(*rewound);
  return plan;
}

Status keep_plan(safe::Safe& safe, const Plan& plan) { return safe.put(name_of(plan.id), plan_json(plan)); }

Result<Plan> load_plan(safe::Safe& safe, const std::string& id) {
  const auto content = safe.get(name_of(id));
  if (!content && content.error().code == Code::object_not_found) return fail(Code::recovery_not_found, "{}", id);
  if (!content) return fail(content.error());
  return plan_from_json(*content);
}

Result<std::vector<std::string>> recoveries(safe::Safe& safe) {
  const auto names = safe.list("recoveries/");
  if (!names) return fail(names.error());
  std::vector<std::string> out;
  for (const std::string& name : *names)
    if (name.ends_with("/plan.json")) out.push_back(name.substr(11, name.size() - 11 - 10));
  return out;
}

}  // namespace backstitch::recovery
