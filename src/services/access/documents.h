// A user's grants as the text that the cache holds.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "services/access/access.h"

namespace backstitch {

std::string access_json(const UserAccess& access);  // the same for the same access
std::optional<UserAccess> access_from_json(std::string_view text);

}  // namespace backstitch
