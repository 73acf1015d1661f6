// Commands and answers that reach an item; one file each.
#pragma once
#include "engine/engine.h"

namespace backstitch {

void receive_answer(Desk& desk, const AnswerInput& answer);
void receive_due(Desk& desk, const DueInput& due);
void command_item(Desk& desk, const ItemCommandInput& command);

}  // namespace backstitch
