#include "model/states.h"

#include "model/names.h"

namespace backstitch {
namespace {

constexpr Named<OrderState> order_names[] = {{OrderState::draft, "Draft"},
                                             {OrderState::queued, "Queued"},
                                             {OrderState::submitted, "Submitted"},
                                             {OrderState::decomposed, "Decomposed"},
                                             {OrderState::submitted_for_fulfillment, "SubmittedForFulfillment"},
                                             {OrderState::in_progress, "InProgress"},
                                             {OrderState::freezing, "Freezing"},
                                             {OrderState::frozen, "Frozen"},
                                             {OrderState::activated, "Activated"},
                                             {OrderState::superseded, "Superseded"},
                                             {OrderState::rejected, "Rejected"},
                                             {OrderState::failed, "Failed"},
                                             {OrderState::cancelled, "Cancelled"}};
constexpr Named<LineState> line_names[] = {{LineState::in_progress, "InProgress"},
                                           {LineState::activated, "Activated"},
                                           {LineState::cancelled, "Cancelled"},
                                           {LineState::superseded, "Superseded"}};
constexpr Named<DownstreamState> downstream_names[] = {{DownstreamState::in_progress, "InProgress"},
                                                       {DownstreamState::ready_for_activation, "ReadyForActivation"},
                                                       {DownstreamState::activated, "Activated"},
                                                       {DownstreamState::cancelled, "Cancelled"}};
constexpr Named<PlanState> plan_names[] = {{PlanState::in_progress, "InProgress"},
                                           {PlanState::frozen, "Frozen"},
                                           {PlanState::completed, "Completed"},
                                           {PlanState::failed, "Failed"},
                                           {PlanState::cancelled, "Cancelled"}};
constexpr Named<ItemState> item_names[] = {{ItemState::pending, "Pending"},
                                           {ItemState::scheduled, "Scheduled"},
                                           {ItemState::ready, "Ready"},
                                           {ItemState::running, "Running"},
                                           {ItemState::completed, "Completed"},
                                           {ItemState::failed, "Failed"},
                                           {ItemState::fatally_failed, "FatallyFailed"},
                                           {ItemState::on_hold, "OnHold"},
                                           {ItemState::skipped, "Skipped"},
                                           {ItemState::frozen, "Frozen"},
                                           {ItemState::frozen_running, "FrozenRunning"},
                                           {ItemState::amended, "Amended"},
                                           {ItemState::canceled, "Canceled"},
                                           {ItemState::discarded, "Discarded"},
                                           {ItemState::failed_discarded, "FailedDiscarded"}};
constexpr Named<InventoryState> inventory_names[] = {{InventoryState::active, "Active"}, {InventoryState::ended, "Ended"}};
constexpr Named<AssetState> asset_names[] = {{AssetState::active, "Active"}, {AssetState::ended, "Ended"}};

}  // namespace

const char* to_text(OrderState state) { return name_in(order_names, state); }
const char* to_text(LineState state) { return name_in(line_names, state); }
const char* to_text(DownstreamState state) { return name_in(downstream_names, state); }
const char* to_text(PlanState state) { return name_in(plan_names, state); }
const char* to_text(ItemState state) { return name_in(item_names, state); }
const char* to_text(InventoryState state) { return name_in(inventory_names, state); }
const char* to_text(AssetState state) { return name_in(asset_names, state); }

std::optional<OrderState> order_state_from(std::string_view text) { return value_in(order_names, text); }
std::optional<PlanState> plan_state_from(std::string_view text) { return value_in(plan_names, text); }
std::optional<ItemState> item_state_from(std::string_view text) { return value_in(item_names, text); }

bool is_terminal(OrderState state) {
  switch (state) {
    case OrderState::activated:
    case OrderState::superseded:
    case OrderState::rejected:
    case OrderState::failed:
    case OrderState::cancelled: return true;
    default: return false;
  }
}

bool is_terminal(PlanState state) { return state == PlanState::completed || state == PlanState::cancelled; }

bool is_terminal(ItemState state) {
  switch (state) {
    case ItemState::completed:
    case ItemState::skipped:
    case ItemState::amended:
    case ItemState::canceled:
    case ItemState::discarded:
    case ItemState::failed_discarded: return true;
    default: return false;
  }
}

bool satisfies_dependency(ItemState state) {
  // Amended was Completed before; what was discarded or canceled is no longer in the plan's way either.
  return is_terminal(state);
}

}  // namespace backstitch
