// The order's own log: one JSON object a line, {"t":µs,"e":"ItemCompleted","i":3,…}; i is the item's index in the plan.
#pragma once
#include <fmt/core.h>

#include <string_view>

#include "base/json.h"
#include "engine/engine.h"

namespace backstitch {

/// `members` is the rest of the JSON object, beginning with a comma, or empty.
void record_event(Desk& desk, OrderWork& order, std::string_view name, std::string_view members = {});
void record_item_event(Desk& desk, OrderWork& order, int item, std::string_view name, std::string_view members = {});
std::string member(std::string_view name, std::string_view text);  // ,"name":"text"

/// Marks the order as changed in this turn.
void note_change(Desk& desk, OrderWork& order);
void note_item_change(Desk& desk, OrderWork& order, int item);

/// The record's outcome in writing: applied, refused, conflict, duplicate (GET /commands/{id}; V-17).
void record_command(Desk& desk, CommandId id, std::string_view kind, std::string_view state, std::string_view actor,
                    std::string_view subject, const Error* error = nullptr);

}  // namespace backstitch
