// By which name an engine is known in the turns that it decided.
#pragma once
#include "engine/engine.h"

namespace backstitch {

/// What a decision depends on beside records and catalog, in one word: engine_version and the settings. Every turn bears it; a
/// fold under another name may decide otherwise.
std::string engine_name(const EngineSettings& settings);

}  // namespace backstitch
