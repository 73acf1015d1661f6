// Inventory items that lost their asset are linked to it again, by reference: all links of a command, or none of them.
#pragma once
#include "engine/engine.h"

namespace backstitch {

void repair_inventory(Desk& desk, const InventoryRepairInput& input);

}  // namespace backstitch
