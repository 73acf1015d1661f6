// Classes of the window, beside the platform for the whole of it, and in the outage for what is new since.
#pragma once
#include <optional>

#include "recovery/saga/world.h"
#include "recovery/window/window_kept.h"

namespace backstitch::recovery {

/// Classifies the window up to `cut` on the copy as it is folded, and keeps it in the evidence. `log` is read beside its owner.
Status prepare_window(World& world, const Journal& journal, queue::Queue& log, Time cut);

/// Of the window up to `cut`: what something is new of since, or what was not settled then; the rest stands as counts.
struct WindowBehind {
  WindowInput input;
  WindowCounted standing;
  std::map<std::string, std::string> excluded;  // of the whole window
};
/// Nothing when the window is to be looked at as a whole: nothing was prepared or stands, the cut or the log went back, the CRM
/// answers now and did not then, or the other way round.
Result<std::optional<WindowBehind>> window_behind(World& world, Time cut);

}  // namespace backstitch::recovery
