#pragma once
#include "engine/engine.h"

namespace backstitch {

/// Users, memberships and grants are rows by their own key: the change is the row. What is no grant is refused in writing.
void change_grant(Desk& desk, const GrantChangeInput& change);

/// Why a change would be refused, so that the door may say it before anything is written. Code::grant_invalid.
Status check_grant_change(const GrantChangeInput& change);

/// "operator items retry", "ann operator", "ann": the subject in the command's outcome.
std::string subject_of(const GrantChangeInput& change);

}  // namespace backstitch
