// A secret stands in no configuration: env:NAME or file:PATH say where it is.
#pragma once
#include <string>

#include "base/error.h"

namespace backstitch {

bool names_a_place(const std::string& value);
/// What stands at the place, without white space at its end; a value that names no place is the answer itself.
/// Code::config_invalid with the key when the place is empty.
Result<std::string> secret_of(const char* key, const std::string& value);

}  // namespace backstitch
