// Manual tasks: claim, complete, reassign (F042).
#pragma once
#include "engine/engine.h"

namespace backstitch {
void command_task(Desk& desk, const TaskCommandInput& command);
}
