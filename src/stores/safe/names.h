// Which names in a safe belong to objects, and which to the safe itself.
#pragma once
#include <string>

#include "base/error.h"

namespace backstitch::safe {

/// True for what holds the epoch, the archives and the turn mirror.
bool is_own_name(const std::string& name);
/// As objects/names.h has it, and none of the safe's own: Code::usage.
Status check_object_name(const std::string& name);

}  // namespace backstitch::safe
