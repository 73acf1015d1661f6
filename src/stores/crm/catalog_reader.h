// The catalog as the CRM has it: its entities, and the deltas that its people published, each with an index. Which objects they
// are: docs/guide/crm.md.
#pragma once
#include <string>
#include <vector>

#include "stores/crm/port.h"

namespace backstitch::crm {

/// One entity of a catalog's section ("products", "plans" …), as the catalog's format has it.
struct CatalogEntity {
  std::string section, key;
  std::string definition;  // a JSON object; empty in a delta: it is gone
};
struct CatalogContent {
  std::int64_t index = 0;  // of the newest delta that it holds; 0: nothing was ever published
  std::vector<CatalogEntity> entities;
};
struct CatalogDelta {
  std::int64_t index = 0;
  std::vector<CatalogEntity> changes;
};

class CatalogReader {
 public:
  virtual ~CatalogReader() = default;
  /// Everything, of one moment: read again while deltas come in between. Code::crm_failed when they never stop.
  virtual Result<CatalogContent> read_catalog() = 0;
  /// By index.
  virtual Result<std::vector<CatalogDelta>> deltas_after(std::int64_t index) = 0;
};
/// Null for a CRM that has no catalog for us.
CatalogReader* catalog_reader(Crm& crm);

}  // namespace backstitch::crm
