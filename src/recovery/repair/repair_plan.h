// Accounts that are not what their log says, put right while the platform runs: first a plan, made as an audit is, that names
// every row and column that differs; then a record for each chosen account, which the fold decides in its turn
// (docs/decisions/0012). Kept in the safe: repairs/<id>/plan.json, and beside it each account's record.
#pragma once
#include <string>
#include <vector>

#include "recovery/audit/audit.h"

namespace backstitch::recovery {

struct RepairRequest {
  std::string id;                     // a new one; empty: repair_id() of the audit's moment
  std::vector<std::string> accounts;  // empty: all that differ
  std::string actor;
};

/// "rep-20261127T031500.123456Z": in order they are in the order of their moments, and two of one second are two.
std::string repair_id(Time at);

/// What an audit answers, safe_failed, and usage when there is a plan of that id. Returns the plan's document (repair.plan/1):
/// {"id","at","lsn","from","actor","accounts":[{"account","partition","state","code","why","comparedDigest","correctedDigest",
/// "orders","differences","rows":[{"table","id","column","live","corrected"}],"bytes"}],"repairable","refused","equal",
/// "foreignCommits","price":{…}}. state: repairable, refused (code and why say for what) or equal. At most rows_named_max
/// rows are named of an account, and accounts_max accounts of a plan: what is broader is no matter for a repair.
Result<std::string> plan_repair(const RepairRequest& request, AuditSettings settings, const AuditSources& sources);

constexpr std::size_t rows_named_max = 500, accounts_max = 1000;

/// Code::repair_not_found.
Result<std::string> load_repair(safe::Safe& safe, const std::string& id);
/// Ids of all plans, oldest first.
Result<std::vector<std::string>> repairs(safe::Safe& safe);

struct AccountRepair {
  std::string account;
  /// What its record holds beside id, actor and reason: members of a JSON object, beginning with a comma.
  std::string members;
};
/// Of these accounts, each once; of none: of all that the plan can put right. Code::repair_not_found (the plan, or an account of
/// which it does not speak), repair_refused (the plan says why).
Result<std::vector<AccountRepair>> load_account_repairs(safe::Safe& safe, const std::string& id,
                                                        const std::vector<std::string>& accounts);

/// The plan for people.
std::string repair_text(const std::string& plan);

}  // namespace backstitch::recovery
