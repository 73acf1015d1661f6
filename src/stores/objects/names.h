// Names of objects, as the safe and the objects role take them: "catalogs/9f3a…", "evidence/rec-1/queues.json".
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"

namespace backstitch::objects {

/// Parts joined by "/", each of 1 to 200 letters, digits and "._-@:=+,", none beginning with a dot: such a name stays inside its
/// folder, and what an adapter keeps for itself begins with a dot. Code::usage otherwise.
Status check_name(const std::string& name);

/// Names of the files below `folder` that begin with `prefix`, sorted; empty when nothing is there. Only the part of the tree
/// that can hold such names is visited. `enter` false leaves a folder or file out. Code::file_failed.
Result<std::vector<std::string>> names_below(const std::string& folder, const std::string& prefix,
                                             const std::function<bool(const std::string& name)>& enter);

}  // namespace backstitch::objects
