#include "stores/crm/catalog_reader.h"

namespace backstitch::crm {

CatalogReader* catalog_reader(Crm& crm) { return dynamic_cast<CatalogReader*>(&crm); }

}  // namespace backstitch::crm
