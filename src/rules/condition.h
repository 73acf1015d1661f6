// Condition trees (order-management 4.5, 5.5): C-1 … C-6, never C-7. Pure and total.
#pragma once
#include <functional>
#include <string>

#include "model/catalog.h"

namespace backstitch {

struct DownstreamItem;

/// Where a path leads: attribute.x, field.x (of the line), order.x (header member or field), product.x (key, class, name).
struct Scene {
  const Order* order = nullptr;
  const OrderLine* line = nullptr;             // a sales line, or null
  const Product* product = nullptr;            // of the line or downstream item
  const Attributes* values = nullptr;          // attributes that count: the line's, or the downstream item's current ones
  const DownstreamItem* downstream = nullptr;  // whose action, quantity and scope $line means; null: those of the line
};

struct Lookup {
  bool exists = false;  // the attribute or field is known at all (C-5)
  bool given = false;   // it stands there, be it null; an attribute that is known but not set is not given
  Value value;
};
Lookup look_up(const Scene& scene, std::string_view path);

/// Null condition is true; an invalid one (unknown path) is false. `why` (optional) gets the first clause that decided, in words.
bool holds(const Condition& condition, const Scene& scene, std::string* why = nullptr);
std::string condition_text(const Condition& condition);  // attribute.speed >= 500 and …

}  // namespace backstitch
