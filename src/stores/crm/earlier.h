// In which order a CRM tells what changed: by time; at one moment by type and id.
#pragma once
#include <tuple>

#include "stores/crm/port.h"

namespace backstitch::crm {

inline bool is_earlier(const Record& left, const Record& right) {
  return std::tie(left.modified_at, left.type, left.external_id) < std::tie(right.modified_at, right.type, right.external_id);
}

}  // namespace backstitch::crm
