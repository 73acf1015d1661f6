// The life of an orchestration item (order-management 3.7, 5): one file a command. Work goes through a to-do list, so that a plan
// of 10,000 items needs no stack.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/events.h"
#include "model/transitions.h"
#include "rules/condition.h"

namespace backstitch {

struct ItemContext {
  Desk& desk;
  OrderWork& order;
  std::vector<int> todo;  // items whose dependencies have just been met
};

const ItemDefinition& definition_of(const OrderWork& order, int item);
std::string item_name(const OrderWork& order, int item);  // "plan/item[instance]"
/// "account/order:line/plan/item": what the outside world calls the same business act, whatever key it came under.
std::string business_subject(const OrderWork& order, int item);
std::vector<Scene> scenes_of(const OrderWork& order, int item);

/// Moves the item by the transition table; an illegal move is the error, and nothing has changed.
Status move_item(ItemContext& context, int item, ItemEvent event);
/// As above where the engine itself guarantees that the move is legal.
void must_move_item(ItemContext& context, int item, ItemEvent event);

void advance_item(ItemContext& context, int item);   // dependencies are met: skip, schedule or make ready
void make_ready(ItemContext& context, int item);     // ready: run it, hold it, or wait for a person
void start_item(ItemContext& context, int item);     // Running; the task goes out after the commit
void complete_item(ItemContext& context, int item);  // Completed; dependants are looked at
void fail_attempt(ItemContext& context, int item, const std::string& error);  // Failed with a retry, or Fatally Failed
void give_up_item(ItemContext& context, int item, const std::string& error, const char* attention_kind);
/// A recovery has made it Fatally Failed: from whatever state, nothing is called, a person goes on. Code::item_transition.
Status mark_restored(ItemContext& context, int item, const std::string& reason);
bool is_restored(const ItemWork& work);
void set_values(ItemContext& context, int item, const std::vector<std::pair<std::string, Value>>& values);

/// Works the list off; then, when no item is open, completes plan and order.
void run_todo(ItemContext& context);

/// The row by which people find it; an empty kind takes it away.
void set_attention(ItemContext& context, int item, const std::string& kind);

std::optional<Task> task_of(const OrderWork& order, int item);  // none when the item hands nothing out
std::string route_of(const OrderWork& order, int item);         // "system.interface" of a callout

}  // namespace backstitch
