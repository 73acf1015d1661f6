#include "engine/input.h"

#include <boost/json.hpp>

#include "base/hash.h"
#include "base/json.h"
#include "base/json_member.h"
#include "engine/account/repair_account.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr std::pair<GrantVerb, const char*> grant_verb_names[] = {
    {GrantVerb::grant, "grant"},   {GrantVerb::revoke, "revoke"},           {GrantVerb::add_user, "add-user"},
    {GrantVerb::assign, "assign"}, {GrantVerb::remove_user, "remove-user"}, {GrantVerb::unassign, "unassign"}};

constexpr std::pair<CallOutcome, const char*> outcome_names[] = {{CallOutcome::done, "done"},
                                                                 {CallOutcome::refused, "refused"},
                                                                 {CallOutcome::not_taken, "not-taken"},
                                                                 {CallOutcome::unknown, "unknown"},
                                                                 {CallOutcome::accepted, "accepted"}};
constexpr std::pair<Repetition, const char*> repetition_names[] = {
    {Repetition::none, ""}, {Repetition::duplicate, "duplicate"}, {Repetition::conflict, "conflict"}};

template <class Tag>
Status read_id(const json::object& object, const char* name, Id<Tag>& out) {
  auto id = Id<Tag>::parse(text_in(object, name));
  if (!id) return fail(Code::json_invalid, "member {}: {}", name, id.error().detail);
  out = *id;
  return {};
}

Attributes attributes(const json::object& object) {
  const json::value* value = object.if_contains("attributes");
  return value ? attributes_from(*value) : Attributes();
}

Result<Input> parse_submit(const InputRecord& record) {
  auto document = parse_json(record.value);
  if (!document) return fail(std::move(document.error()));
  auto order = parse_order(*document);
  if (!order) return fail(std::move(order.error()));
  return SubmitInput{std::move(*order), sha256_hex(record.value)};
}

Result<Input> parse_item_command(const json::object& object) {
  ItemCommandInput input;
  BS_TRY(read_id(object, "commandId", input.id));
  BS_TRY(read_id(object, "itemId", input.item));
  const std::string verb = text_in(object, "command");
  if (verb == "retry")
    input.verb = ItemVerb::retry;
  else if (verb == "complete")
    input.verb = ItemVerb::complete;
  else if (verb == "fail")
    input.verb = ItemVerb::fail;
  else if (verb == "mark-fatally-failed")
    input.verb = ItemVerb::mark_fatally_failed;
  else
    return fail(Code::json_invalid, "item command \"{}\"", verb);
  input.actor = text_in(object, "actor");
  input.reason = text_in(object, "reason");
  input.attributes = attributes(object);
  return input;
}

Result<Input> parse_task_command(const json::object& object) {
  TaskCommandInput input;
  BS_TRY(read_id(object, "commandId", input.id));
  BS_TRY(read_id(object, "itemId", input.item));
  const std::string verb = text_in(object, "command");
  if (verb == "claim")
    input.verb = TaskVerb::claim;
  else if (verb == "complete")
    input.verb = TaskVerb::complete;
  else if (verb == "reassign")
    input.verb = TaskVerb::reassign;
  else
    return fail(Code::json_invalid, "task command \"{}\"", verb);
  input.actor = text_in(object, "actor");
  input.owner = text_in(object, "owner");
  input.attributes = attributes(object);
  return input;
}

Result<Input> parse_system_command(const json::object& object) {
  SystemCommandInput input;
  BS_TRY(read_id(object, "commandId", input.id));
  input.system = text_in(object, "system");
  input.actor = text_in(object, "actor");
  const std::string verb = text_in(object, "command");
  if (verb == "up")
    input.verb = SystemVerb::up;
  else if (verb == "down")
    input.verb = SystemVerb::down;
  else if (verb == "unhold")
    input.verb = SystemVerb::unhold;
  else
    return fail(Code::json_invalid, "system command \"{}\"", verb);
  return input;
}

Result<Input> parse_catalog_activate(const json::object& object) {
  CatalogActivateInput input;
  BS_TRY(read_id(object, "commandId", input.id));
  input.digest = text_in(object, "digest");
  input.actor = text_in(object, "actor");
  return input;
}

Result<Input> parse_grant_change(const json::object& object) {
  GrantChangeInput input;
  BS_TRY(read_id(object, "commandId", input.id));
  const auto verb = grant_verb_from(text_in(object, "verb"));
  if (!verb) return fail(Code::json_invalid, "grant change \"{}\"", text_in(object, "verb"));
  input.verb = *verb;
  input.profile = text_in(object, "profile");
  input.user = text_in(object, "user");
  input.grant = {text_in(object, "resource"), text_in(object, "action"), text_in(object, "field")};
  input.password = text_in(object, "password");
  input.actor = text_in(object, "actor");
  return input;
}

Result<Input> parse_inventory_repair(const json::object& object) {
  InventoryRepairInput input;
  BS_TRY(read_id(object, "commandId", input.id));
  input.account_id = text_in(object, "accountId");
  input.actor = text_in(object, "actor"), input.reason = text_in(object, "reason");
  const json::value* links = object.if_contains("links");
  if (!links || !links->is_array()) return fail(Code::json_invalid, "links is no list");
  for (const json::value& entry : links->get_array()) {
    if (!entry.is_object()) return fail(Code::json_invalid, "a link is no object");
    InventoryRepairInput::Link link;
    BS_TRY(read_id(entry.get_object(), "inventoryId", link.inventory));
    BS_TRY(read_id(entry.get_object(), "assetId", link.asset));
    input.links.push_back(link);
  }
  return input;
}

constexpr std::pair<SettlementDecision, const char*> decision_names[] = {{SettlementDecision::adopt, "adopt"},
                                                                         {SettlementDecision::fatally_fail, "fatally-fail"},
                                                                         {SettlementDecision::next_call, "next-call"},
                                                                         {SettlementDecision::note, "note"}};

// What does not fit is refused by the command file, under the settlement's own kind; here only what cannot be read.
Result<Input> parse_settlement(const json::object& object) {
  SettlementInput input;
  BS_TRY(read_id(object, "commandId", input.id));
  BS_TRY(read_id(object, "itemId", input.item));
  input.decision_text = text_in(object, "decision");
  for (const auto& [value, name] : decision_names)
    if (input.decision_text == name) input.decision = value;
  input.key = text_in(object, "effectKey");
  input.outcome = call_outcome_from(text_in(object, "outcome"));
  input.code = text_in(object, "code");
  if (const json::value* response = object.if_contains("response"); response && !response->is_null())
    input.response = write_json(*response);
  input.reason = text_in(object, "reason");
  input.actor = text_in(object, "actor");
  return input;
}

Result<Input> parse_exclusion(const json::object& object) {
  ExclusionInput input;
  BS_TRY(read_id(object, "commandId", input.id));
  input.recovery = text_in(object, "recovery");
  input.actor = text_in(object, "actor");
  const json::value* list = object.if_contains("list");
  if (!list || !list->is_array()) return fail(Code::json_invalid, "an exclusion without its list");
  for (const json::value& entry : list->get_array()) {
    const json::object* place = entry.if_object();
    const json::value* partition = place ? place->if_contains("partition") : nullptr;
    const json::value* offset = place ? place->if_contains("offset") : nullptr;
    if (!partition || !partition->is_int64() || !offset || !offset->is_int64())
      return fail(Code::json_invalid, "an exclusion that names no place");
    input.places += fmt::format("{}{}:{}", input.places.empty() ? "" : " ", partition->get_int64(), offset->get_int64());
  }
  return input;
}

Result<Input> parse_answer(const json::object& object, bool callback) {
  AnswerInput input;
  input.callback = callback;
  for (const auto& [value, name] : repetition_names)
    if (text_in(object, "repeats") == name) input.repetition = value;
  BS_TRY(read_id(object, "itemId", input.item));
  auto key = CallKey::parse(text_in(object, "effectKey"));
  if (!key) return fail(std::move(key.error()));
  input.key = *key;
  const auto outcome = call_outcome_from(text_in(object, "outcome"));
  if (!outcome) return fail(Code::json_invalid, "outcome \"{}\"", text_in(object, "outcome"));
  input.outcome = *outcome;
  input.code = text_in(object, "code");
  if (const json::value* response = object.if_contains("response"); response && !response->is_null())
    input.response = write_json(*response);
  return input;
}

Result<Input> parse_due(const json::object& object) {
  DueInput input;
  BS_TRY(read_id(object, "itemId", input.item));
  input.kind = text_in(object, "timer");
  const json::value* due = object.if_contains("dueUs");
  if (!due || !due->is_int64()) return fail(Code::json_invalid, "dueUs is missing");
  input.due_at = {due->get_int64()};
  return input;
}

}  // namespace

const char* to_text(CallOutcome outcome) {
  for (const auto& [value, name] : outcome_names)
    if (value == outcome) return name;
  return "";
}

const char* to_text(Repetition repetition) { return repetition_names[static_cast<std::size_t>(repetition)].second; }

std::optional<CallOutcome> call_outcome_from(std::string_view wanted) {
  for (const auto& [value, name] : outcome_names)
    if (wanted == name) return value;
  return std::nullopt;
}

const char* to_text(GrantVerb verb) {
  for (const auto& [value, name] : grant_verb_names)
    if (value == verb) return name;
  return "";
}

std::optional<GrantVerb> grant_verb_from(std::string_view wanted) {
  for (const auto& [value, name] : grant_verb_names)
    if (wanted == name) return value;
  return std::nullopt;
}

Result<Input> parse_input(const InputRecord& record) {
  const std::string_view schema = record.schema;
  if (!schema.ends_with("/1")) return fail(Code::schema_unknown, "{} at {}:{}", schema, record.partition, record.offset);
  if (schema == "completer.mark/1") return MarkInput{};
  if (schema == "incoming.seal/1" || schema == "completer.seal/1") return SealInput{};
  if (schema == "incoming.submit/1") return parse_submit(record);
  auto document = parse_json(record.value);
  if (!document) return fail(std::move(document.error()));
  if (!document->is_object()) return fail(Code::json_invalid, "{} is not an object", schema);
  const json::object& object = document->get_object();
  if (tells_of_call(schema)) return parse_answer(object, schema == callback_schema);
  if (schema == "completer.due/1") return parse_due(object);
  if (schema == "incoming.item-command/1") return parse_item_command(object);
  if (schema == "incoming.task-command/1") return parse_task_command(object);
  if (schema == "incoming.system-command/1") return parse_system_command(object);
  if (schema == "incoming.catalog-activate/1") return parse_catalog_activate(object);
  if (schema == "incoming.grant-change/1") return parse_grant_change(object);
  if (schema == "incoming.inventory-repair/1") return parse_inventory_repair(object);
  if (schema == account_repair_schema) return parse_account_repair(object);
  if (schema == "incoming.settlement/1") return parse_settlement(object);
  if (schema == "incoming.exclusion/1") return parse_exclusion(object);
  for (const char* known : {"supplement", "freeze", "discard", "crm-refresh"})
    if (schema == fmt::format("incoming.{}/1", known)) {
      UnsupportedInput input{{}, known};
      (void)read_id(object, "commandId", input.id);
      return input;
    }
  return fail(Code::schema_unknown, "{} at {}:{}", schema, record.partition, record.offset);
}

bool stands_alone(const InputRecord& record) { return record.schema == account_repair_schema; }

std::optional<ItemId> item_of(const Input& input) {
  if (const auto* command = std::get_if<ItemCommandInput>(&input)) return command->item;
  if (const auto* task = std::get_if<TaskCommandInput>(&input)) return task->item;
  if (const auto* answer = std::get_if<AnswerInput>(&input)) return answer->item;
  if (const auto* due = std::get_if<DueInput>(&input)) return due->item;
  if (const auto* settlement = std::get_if<SettlementInput>(&input)) return settlement->item;
  if (const auto* distrusted = std::get_if<DistrustedInput>(&input)) return distrusted->item;
  return std::nullopt;
}

}  // namespace backstitch
