// The work list of a recovery: what no policy can decide, a row each, kept in the safe (recoveries/<id>/work.json).
#pragma once
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

struct WorkRow {
  std::string id;        // "w-" + 12 hex digits of a hash of class and subject: the same row after a rerun
  std::string kind;      // "E1" … "E9" of the settling table, "L1" … "L10", "K1" … "K7", "callback", "conflict"
  std::string subject;   // effect key, order name, asset reference
  std::string evidence;  // what is known and where it stands, one sentence
  std::string proposal;  // what we would do: one of `choices`
  std::vector<std::string> choices;
  std::string owner;     // who looks after it; empty: nobody yet
  std::string decision, note, who;  // empty while open
  Time when;
  std::string settlement;  // the input (JSON of incoming.settlement/1) that carries `proposal` out; empty when a person acts outside
  std::string account;
  Partition partition = 0;
  bool open() const { return decision.empty(); }
};

Result<std::vector<WorkRow>> load_work(safe::Safe& safe, const std::string& recovery_id);  // empty when there is none
/// Rows that stand there already keep their decision. Idempotent.
Status add_work(safe::Safe& safe, const std::string& recovery_id, const std::vector<WorkRow>& rows);
/// Code::work_not_found, decision_invalid. An empty decision takes an earlier one back.
Status decide_work(safe::Safe& safe, const std::string& recovery_id, const std::string& id, const std::string& decision,
                   const std::string& note, const std::string& who, Time when);
std::string work_csv(const std::vector<WorkRow>& rows);  // RFC 4180, with a head line
/// Reads back what a person filled in (columns id, decision, note, who); other columns are ignored. Code::decision_invalid names
/// line and column; then nothing is taken.
Status decide_work_csv(safe::Safe& safe, const std::string& recovery_id, std::string_view csv, Time when);
std::string work_json(const std::vector<WorkRow>& rows);

}  // namespace backstitch::recovery
