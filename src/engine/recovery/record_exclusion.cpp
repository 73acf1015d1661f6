#include "engine/events.h"
#include "engine/recovery/recovery.h"

namespace backstitch {

void record_exclusion(Desk& desk, const ExclusionInput& exclusion) {
  record_command(desk, exclusion.id, "exclusion", "applied", exclusion.actor, exclusion.recovery);
  desk.work.commands.back().detail = exclusion.places;
}

}  // namespace backstitch
