// All states of the domain (order-management 3.3 – 3.9). What this version cannot reach is listed all the same: a state is
// never silently mapped to another.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace backstitch {

enum class OrderState : std::uint8_t {
  draft,
  queued,
  submitted,
  decomposed,
  submitted_for_fulfillment,
  in_progress,
  freezing,
  frozen,
  activated,
  superseded,
  rejected,
  failed,
  cancelled
};
enum class LineState : std::uint8_t { in_progress, activated, cancelled, superseded };  // sales order item
enum class DownstreamState : std::uint8_t {
  in_progress,
  ready_for_activation,
  activated,
  cancelled
};  // downstream order and item
enum class PlanState : std::uint8_t { in_progress, frozen, completed, failed, cancelled };
enum class ItemState : std::uint8_t {
  pending,
  scheduled,
  ready,
  running,
  completed,
  failed,
  fatally_failed,
  on_hold,
  skipped,
  frozen,
  frozen_running,
  amended,
  canceled,
  discarded,
  failed_discarded
};
enum class InventoryState : std::uint8_t { active, ended };
enum class AssetState : std::uint8_t { active, ended };

const char* to_text(OrderState state);  // "InProgress"
const char* to_text(LineState state);
const char* to_text(DownstreamState state);
const char* to_text(PlanState state);
const char* to_text(ItemState state);  // "FatallyFailed"
const char* to_text(InventoryState state);
const char* to_text(AssetState state);
std::optional<OrderState> order_state_from(std::string_view text);
std::optional<PlanState> plan_state_from(std::string_view text);
std::optional<ItemState> item_state_from(std::string_view text);

bool is_terminal(OrderState state);
bool is_terminal(PlanState state);
/// Completed, Skipped, Amended, Canceled, Discarded, Failed Discarded. Fatally Failed is not: an operator may go on from it.
bool is_terminal(ItemState state);
/// Satisfies a dependency (P-5, P-6).
bool satisfies_dependency(ItemState state);

}  // namespace backstitch
