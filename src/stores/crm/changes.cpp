#include "stores/crm/changes.h"

namespace backstitch::crm {

Result<Changes> read_changes(Crm& crm, Time since) {
  auto* reader = dynamic_cast<ChangeReader*>(&crm);
  return reader ? reader->read_changes(since) : fail(Code::not_yet, "this CRM does not say what changed in its fields");
}

}  // namespace backstitch::crm
