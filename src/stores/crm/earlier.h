// In which order a CRM tells what changed: by time; at one moment by type and id.
#pragma once
#include <tuple>

#include "stores/crm/changes.h"

namespace backstitch::crm {

inline bool is_earlier(const Record& left, const Record& right) {
  return std::tie(left.modified_at, left.type, left.external_id) < std::tie(right.modified_at, right.type, right.external_id);
}
inline bool changed_earlier(const ChangedRecord& left, const ChangedRecord& right) {
  return is_earlier(left.record, right.record);
}

/// The records alone.
inline Result<std::vector<Record>> records_of(Result<Changes> changes) {
  if (!changes) return fail(std::move(changes.error()));
  std::vector<Record> records;
  for (ChangedRecord& one : changes->records) records.push_back(std::move(one.record));
  return records;
}

}  // namespace backstitch::crm
