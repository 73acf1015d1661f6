// Condition trees in JSON: {"all":[…]} {"any":[…]} {"not":…} {"left","op","right"}; the domain's exported form is read too.
// Inside of the catalog's reader and writer.
#pragma once
#include <boost/json/fwd.hpp>

#include "model/catalog.h"

namespace backstitch {

Condition read_condition(const boost::json::value& json, const std::string& pointer, std::vector<Fault>& faults);
boost::json::value condition_json(const Condition& condition);

}  // namespace backstitch
