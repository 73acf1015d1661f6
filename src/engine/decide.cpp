// The one door into the engine: which command file an input goes to, and the chain of decision digests behind it.
#include "base/hash.h"
#include "base/probe.h"
#include "engine/access/change_grant.h"
#include "engine/account/repair_account.h"
#include "engine/account/repair_inventory.h"
#include "engine/catalog/activate_catalog.h"
#include "engine/crm/refresh_record.h"
#include "engine/engine.h"
#include "engine/engine_name.h"
#include "engine/events.h"
#include "engine/item/commands.h"
#include "engine/order/order.h"
#include "engine/recovery/recovery.h"
#include "engine/system/switch_system.h"
#include "engine/task/command_task.h"

namespace backstitch {
namespace {

struct Door {
  Desk& desk;
  void operator()(const SubmitInput& input) const { submit_order(desk, input); }
  void operator()(const ItemCommandInput& input) const { command_item(desk, input); }
  void operator()(const TaskCommandInput& input) const { command_task(desk, input); }
  void operator()(const SystemCommandInput& input) const { switch_system(desk, input); }
  void operator()(const CatalogActivateInput& input) const { activate_catalog(desk, input); }
  void operator()(const GrantChangeInput& input) const { change_grant(desk, input); }
  void operator()(const InventoryRepairInput& input) const { repair_inventory(desk, input); }
  void operator()(const AccountRepairInput& input) const { repair_account(desk, input); }
  void operator()(const UnsupportedInput& input) const {
    if (desk.record.schema == crm_refresh_schema) return refresh_record(desk);  // read where it is decided, by nobody before
    const Error error{Code::supplement_unsupported, input.kind, {}};
    record_command(desk, input.id, input.kind, "refused", "", "", &error);
  }
  void operator()(const ExclusionInput& input) const { record_exclusion(desk, input); }
  void operator()(const SettlementInput& input) const { settle_item(desk, input); }
  void operator()(const ExcludedInput& input) const { leave_out(desk, input); }
  void operator()(const MarkInput&) const {}
  void operator()(const SealInput&) const {}
  void operator()(const AnswerInput& input) const { receive_answer(desk, input); }
  void operator()(const DueInput& input) const { receive_due(desk, input); }
  void operator()(const DistrustedInput& input) const { distrust_call(desk, input); }
};

/// What this input left behind for others, in the order in which it was decided. Together with its events, which are chained as
/// they are recorded, and the plans composed: what two folds of one log must agree on.
std::string trail(const PartitionWork& work, const Effects& effects, const std::vector<std::size_t>& before) {
  std::string text;
  for (std::size_t i = before[0]; i < work.commands.size(); ++i)
    text += work.commands[i].state + work.commands[i].code + work.commands[i].subject;
  for (std::size_t i = before[1]; i < effects.tasks.size(); ++i)
    text += effects.tasks[i].key.text() + digest64_text(effects.tasks[i].digest) + effects.tasks[i].system + "." +
            effects.tasks[i].interface;
  for (std::size_t i = before[2]; i < effects.timers.size(); ++i)
    text += effects.timers[i].item.text() + std::to_string(effects.timers[i].due_at.us);
  for (std::size_t i = before[3]; i < effects.crm.size(); ++i) text += effects.crm[i].body;
  return text;
}

}  // namespace

std::string engine_name(const EngineSettings& settings) {
  return fmt::format("{}{};retries={};interval={}", engine_version, guarded(Guard::rule) ? "" : "+fault.rule",
                     settings.default_retries, settings.default_retry_interval_ms);
}

void decide(const EngineSettings& settings, const CatalogShelf& shelf, PartitionWork& work, const InputRecord& record,
            const Result<Input>& input, Effects& effects) {
  Desk desk{settings, shelf, work, effects, record, record.at};
  const std::vector<std::size_t> before = {work.commands.size(), effects.tasks.size(), effects.timers.size(), effects.crm.size()};
  if (input)
    std::visit(Door{desk}, *input);
  else  // a broken record is refused in writing; the schema gate before this door has stopped what is merely newer
    record_command(desk, {}, record.schema, "refused", "", record.account_id, &input.error());
  // A fold of the log alone finds the rows whole where this one found them damaged: the chain says that a repair stood here, and
  // not what it met. It brings forth nothing that such a fold does not have already.
  const bool hangs_on_rows = input && std::holds_alternative<AccountRepairInput>(*input);
  work.decision_digest =
      digest64(hangs_on_rows ? std::string(account_repair_schema) : trail(work, effects, before), work.decision_digest);
}

}  // namespace backstitch
