#include "stores/safe/names.h"

#include "stores/objects/names.h"

namespace backstitch::safe {

bool is_own_name(const std::string& name) {
  const std::string first = name.substr(0, name.find('/'));
  return first == "epoch" || first == "incoming" || first == "completer" || first == "turns";
}

Status check_object_name(const std::string& name) {
  BS_TRY(objects::check_name(name));
  if (is_own_name(name)) return fail(Code::usage, "\"{}\" is the safe's own and no object", name);
  return {};
}

}  // namespace backstitch::safe
