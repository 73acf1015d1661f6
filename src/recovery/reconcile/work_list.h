// Inside the work list: one change at a time, and what a decision must be.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "recovery/reconcile/work.h"

namespace backstitch::recovery {

struct WorkDecision {
  std::string decision, note, who;
};

/// Reads the list, changes it and writes it, if it became another; an error of `change`: nothing is written.
Status change_work(safe::Safe& safe, const std::string& recovery_id, const std::function<Status(std::vector<WorkRow>&)>& change);
Result<WorkRow*> find_work(std::vector<WorkRow>& rows, const std::string& id);  // Code::work_not_found
Status decide_row(WorkRow& row, const WorkDecision& wanted, Time when);         // Code::decision_invalid
std::string joined_choices(const WorkRow& row, const char* between);

}  // namespace backstitch::recovery
