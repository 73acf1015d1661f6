// What a recovery did and what it proves ("interfaces" 9), made from its journal, plan and work list alone.
#pragma once
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "recovery/saga/journal.h"
#include "recovery/saga/plan.h"

namespace backstitch::recovery {

using Report = boost::json::object;

/// Schema recovery.report/1. Also of a recovery that is under way: what is not known yet is 0 or missing.
Result<Report> make_report(safe::Safe& safe, const Plan& plan, const Journal& journal);
/// Everything was proven: invariants hold, sums close, no account differs unexplained, and no part of the window lacks evidence.
bool report_closed(const Report& report);
/// Why it is not closed, an error each; empty when it is.
std::vector<Error> report_faults(const Report& report);
std::string report_json(const Report& report);
std::string report_text(const Report& report);
/// A page that needs nothing but itself: timeline, stores, sums, lists.
std::string report_html(const Report& report);

}  // namespace backstitch::recovery
