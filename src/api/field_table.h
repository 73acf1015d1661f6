// Reads crm/fields.yaml: which field of the CRM is which of ours, and who owns it.
#pragma once
#include <string_view>

#include "base/error.h"
#include "stores/crm/field_table.h"

namespace backstitch {

/// Code::config_invalid with every fault and its place in the document.
Result<crm::FieldTable> read_field_table(std::string_view yaml);

/// The table that the binary was made with.
std::string_view shipped_field_table();

}  // namespace backstitch
