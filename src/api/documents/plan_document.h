// A stored order as people want to see it: the plan with names and states, why each item waits, which rule made what.
#pragma once
#include <memory>
#include <string>

#include "api/platform.h"
#include "engine/working_set.h"

namespace backstitch {

Result<std::unique_ptr<OrderWork>> read_order(Platform& platform, OrderId id);
Result<std::string> plan_document(Platform& platform, OrderId id);
Result<std::string> plan_explanation(Platform& platform, OrderId id);
Result<std::string> item_document(Platform& platform, ItemId id);
Result<std::string> item_explanation(Platform& platform, ItemId id);
Result<std::string> decomposition_document(Platform& platform, OrderId id);

}  // namespace backstitch
