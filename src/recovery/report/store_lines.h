// What each of the fifteen stores held when the recovery came, what was done with it, and how it stands behind: as measured.
#pragma once
#include <boost/json.hpp>

#include "recovery/saga/journal.h"

namespace backstitch::recovery {

/// A step's figure; the other value when it has none yet.
boost::json::value member(const boost::json::object& object, const char* name, boost::json::value otherwise = nullptr);

/// Inputs that were folded again: into a copy that was prepared, up to the old database's end, and on to the seals.
std::int64_t inputs_of(const Journal& journal);

/// [{"n":1,"name":…,"before":…,"action":…,"after":…,"digest":…}]; `work`: the rows of the report, by class.
boost::json::array stores_of(const Journal& journal, const boost::json::array& work);

}  // namespace backstitch::recovery
