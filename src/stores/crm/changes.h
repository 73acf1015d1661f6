// What somebody changed in the CRM, field by field, by the table that says whose each field is.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "stores/crm/field_table.h"
#include "stores/crm/port.h"

namespace backstitch::crm {

/// A field of ours that does not hold what we sent last. Texts.
struct Difference {
  std::string ours, field, sent, found;  // ours: "state", "body.n"; field: its name there
};

struct ChangedRecord {
  Record record;
  // Under the names of the table ("fields.Description", "quantity"); JSON objects, null where a field is empty.
  std::string theirs = "{}";  // fields that are the CRM's own
  std::string untold = "{}";  // fields that are ours once an order was submitted, of which no update says anything by itself
  std::vector<Difference> differences;
};
inline constexpr const char* deleted_state = "Deleted";  // of a record that was deleted there

struct Changes {
  std::vector<ChangedRecord> records;  // by time of change
  Time covered;                        // until then nothing is missing: from where to ask again
};

/// Every CRM of ours is one; apart from the port for whoever tells it things only.
class ChangeReader {
 public:
  virtual ~ChangeReader() = default;
  /// As Crm::changed_since.
  virtual Result<Changes> read_changes(Time since) = 0;
};
/// Code::not_yet for a CRM that is none.
Result<Changes> read_changes(Crm& crm, Time since);

/// As in port.h. Its own names are fixed; `fields` says whose the others are.
std::unique_ptr<Crm> open_standin_crm(const std::string& url, const FieldTable& fields);

}  // namespace backstitch::crm
