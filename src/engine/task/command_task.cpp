#include "engine/task/command_task.h"

#include "engine/item/item.h"

namespace backstitch {
namespace {

Status claim(ItemContext& context, int item, const TaskCommandInput& command) {
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  if (work.state == ItemState::running)
    return work.owner == command.actor ? Status()
                                       : fail(Code::task_claimed, "{} is held by {}", item_name(context.order, item), work.owner);
  BS_TRY(move_item(context, item, ItemEvent::start));
  work.owner = command.actor, work.started_at = context.desk.now, ++work.attempt;
  record_item_event(context.desk, context.order, item, "TaskClaimed", member("actor", command.actor));
  set_attention(context, item, "manual");
  return {};
}

Status complete(ItemContext& context, int item, const TaskCommandInput& command) {
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  if (work.state != ItemState::running)
    return fail(Code::item_transition, "{} is {}: a task is claimed before it is completed", item_name(context.order, item),
                to_text(work.state));
  if (work.owner != command.actor)
    return fail(Code::task_claimed, "{} is held by {}", item_name(context.order, item), work.owner);
  set_values(context, item, {command.attributes.begin(), command.attributes.end()});
  record_item_event(context.desk, context.order, item, "TaskCompleted", member("actor", command.actor));
  complete_item(context, item);
  return {};
}

Status reassign(ItemContext& context, int item, const TaskCommandInput& command) {
  ItemWork& work = context.order.items[static_cast<std::size_t>(item)];
  if (work.state != ItemState::running)
    return fail(Code::item_transition, "{} is {}: only a claimed task is reassigned", item_name(context.order, item),
                to_text(work.state));
  work.owner = command.owner;
  note_item_change(context.desk, context.order, item);
  record_item_event(context.desk, context.order, item, "TaskReassigned",
                    member("actor", command.actor) + member("owner", command.owner));
  set_attention(context, item, "manual");
  return {};
}

Status carry_out(ItemContext& context, int item, const TaskCommandInput& command) {
  if (definition_of(context.order, item).type != ItemType::manual_task)
    return fail(Code::item_transition, "{} is no manual task", item_name(context.order, item));
  switch (command.verb) {
    case TaskVerb::claim: return claim(context, item, command);
    case TaskVerb::complete: return complete(context, item, command);
    case TaskVerb::reassign: return reassign(context, item, command);
  }
  return {};
}

}  // namespace

void command_task(Desk& desk, const TaskCommandInput& command) {
  OrderWork* order = desk.work.find_order(OrderId{order_of(command.item.bits)});
  const int item = order ? item_index(*order, command.item) : -1;
  if (item < 0) {
    const Error error{Code::item_not_found, command.item.text(), {}};
    return record_command(desk, command.id, "task-command", "refused", command.actor, command.item.text(), &error);
  }
  ItemContext context{desk, *order, {}};
  const Status done = carry_out(context, item, command);
  record_command(desk, command.id, "task-command", done ? "applied" : "refused", command.actor, command.item.text(),
                 done ? nullptr : &done.error());
  run_todo(context);
}

}  // namespace backstitch
