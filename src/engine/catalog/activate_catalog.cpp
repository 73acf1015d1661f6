#include "engine/catalog/activate_catalog.h"

#include "engine/events.h"

namespace backstitch {

void activate_catalog(Desk& desk, const CatalogActivateInput& command) {
  if (!desk.shelf.find(command.digest)) {
    const Error error{Code::catalog_version_missing, command.digest, {}};
    return record_command(desk, command.id, "catalog-activate", "refused", command.actor, command.digest, &error);
  }
  desk.work.catalog_digest = command.digest;
  record_command(desk, command.id, "catalog-activate", "applied", command.actor, command.digest);
}

}  // namespace backstitch
