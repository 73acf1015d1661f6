#include "recovery/reconcile/settlement.h"

#include <boost/json.hpp>

#include "base/hash.h"
#include "base/json.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::string command_id(const std::string& recovery_id, std::string_view key, std::string_view item, std::string_view verdict) {
  return CommandId{first_128(sha256_parts({"settlement", recovery_id, key, item, verdict}))}.text();
}

std::string actor_of(const std::string& recovery_id) { return "recovery " + recovery_id; }

/// As an answer says it; what was taken back is refused by now.
const char* outcome_of(const CallEvidence& call) {
  switch (call.known) {
    case Known::done: return to_text(CallOutcome::done);
    case Known::refused:
    case Known::undone: return to_text(CallOutcome::refused);
    case Known::none: return to_text(CallOutcome::not_taken);
    case Known::unknown: break;
  }
  return to_text(CallOutcome::unknown);
}

}  // namespace

std::string settlement_json(const std::string& recovery_id, const SettledCall& call, const std::string& verdict,
                            const std::string& reason) {
  const CallEvidence& evidence = call.evidence->calls.at(call.call);
  const std::string key = call.evidence->key_of(call.call), item = call.item.text();
  const auto response = parse_json(evidence.answer.response.empty() ? "null" : evidence.answer.response);
  return write_json(json::object{{"commandId", command_id(recovery_id, key, item, verdict)},
                                 {"itemId", item},
                                 {"decision", verdict},
                                 {"effectKey", key},
                                 {"outcome", outcome_of(evidence)},
                                 {"code", evidence.answer.code},
                                 {"response", response ? *response : json::value()},
                                 {"reason", reason},
                                 {"actor", actor_of(recovery_id)}});
}

Result<std::string> settlement_with(const std::string& recovery_id, const std::string& settlement, const std::string& verdict,
                                    const std::string& reason) {
  auto document = parse_json(settlement);
  json::object* object = document && document->is_object() ? &document->get_object() : nullptr;
  if (!object) return fail(Code::json_invalid, "a settlement is an object");
  for (const char* name : {"effectKey", "itemId"})
    if (const json::value* value = object->if_contains(name); !value || !value->is_string())
      return fail(Code::json_invalid, "a settlement without {}", name);
  (*object)["commandId"] =
      command_id(recovery_id, object->at("effectKey").get_string(), object->at("itemId").get_string(), verdict);
  (*object)["decision"] = verdict, (*object)["reason"] = reason;
  // A person said that it was done: without that, nothing could be adopted.
  if (verdict == verdict::adopt) (*object)["outcome"] = to_text(CallOutcome::done);
  return write_json(*object);
}

WorkRow work_of(const std::string& recovery_id, const SettledCall& call, const char* kind, const std::string& evidence,
                const std::vector<std::string>& choices) {
  WorkRow row;
  row.kind = kind, row.subject = call.evidence->key_of(call.call), row.evidence = evidence;
  row.id = work_id(row.kind, row.subject);
  row.proposal = choices.front(), row.choices = choices;
  row.settlement = settlement_json(recovery_id, call, verdict::adopt, evidence);
  row.account = call.evidence->account, row.partition = call.evidence->partition, row.system = call.evidence->system;
  return row;
}

}  // namespace backstitch::recovery
