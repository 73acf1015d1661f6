// What a way back costs, at rates that an earlier recovery of this instance has measured, else at assumed ones.
#pragma once
#include <boost/json/fwd.hpp>

#include "recovery/planner/make_plan.h"

namespace backstitch::recovery {

/// Fills window, inputs, accounts and times. Code::checksum_mismatch, safe_failed.
Status price(Planned& planned, const PlanSources& sources);

/// Who wrote past the engine, when and what: for the documents and the words of a plan and of an audit.
boost::json::array foreign_json(const std::vector<database::ForeignCommit>& commits);
std::string foreign_text(const std::vector<database::ForeignCommit>& commits);

}  // namespace backstitch::recovery
