// System instances up and down, and the release of what was held (H-1 … H-5).
#pragma once
#include "engine/engine.h"

namespace backstitch {
void switch_system(Desk& desk, const SystemCommandInput& command);
}
