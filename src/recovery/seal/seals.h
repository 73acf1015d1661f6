// The seals of every recovery that has sealed the log, resumed or undone.
#pragma once
#include <map>
#include <string>

#include "base/error.h"
#include "model/seal.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

/// By topic. Code::json_invalid, safe_failed.
Result<std::map<std::string, Seals>> seals_of_all(safe::Safe& safe);

}  // namespace backstitch::recovery
