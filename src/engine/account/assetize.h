// Assets (what the customer owns) and inventory items (the technical counterpart), X-1 … X-10, whole order at once.
#pragma once
#include <optional>

#include "engine/engine.h"
#include "rules/decompose.h"

namespace backstitch {

/// Technical lines of inventory products become inventory items (only with `technical`: X-6), commercial lines assets.
/// Idempotent: the end-of-plan run after an assetise task changes nothing.
void assetize(Desk& desk, OrderWork& order, bool technical);

/// What the CRM is told of an asset as it stands, by the order that changed it last: "before" is null. None: the order has no
/// such line.
std::optional<CrmUpdate> asset_update(const OrderWork& order, const AssetRow& asset);

/// The account's active inventory, as decomposition looks at it.
InventoryView inventory_of(const PartitionWork& work, const std::string& account_id);

/// Reference shared by an order line and its asset: the line's own, or one derived from its place.
std::string asset_reference(const Order& order, const OrderLine& line);

}  // namespace backstitch
