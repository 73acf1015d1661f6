// The work list of a recovery: what no policy can decide, a row each, kept in the safe (recoveries/<id>/work.json). All calls are
// thread-safe; one process at a time writes a list, which holds the LOCK of the folder.
#pragma once
#include <string>
#include <string_view>
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
  std::string owner;                // who looks after it; empty: nobody yet
  std::string decision, note, who;  // empty while open
  Time when;
  std::string
      settlement;  // the input (JSON of incoming.settlement/1) that carries `proposal` out; empty when a person acts outside
  std::string account;
  Partition partition = 0;
  std::string system, catalog;  // of an effect: key of the system, and digest of the catalog that declares it
  Time carried_out;             // set once what was decided has been done (carry_out.h)
  bool open() const { return decision.empty(); }
};

/// The row of this kind about this subject, in every run.
std::string work_id(std::string_view kind, std::string_view subject);

Result<std::vector<WorkRow>> load_work(safe::Safe& safe, const std::string& recovery_id);  // empty when there is none
/// Rows without an id get theirs. A row that stands there and is open takes the newer evidence; a decided one stays. Idempotent.
Status add_work(safe::Safe& safe, const std::string& recovery_id, const std::vector<WorkRow>& rows);
/// Code::work_not_found; decision_invalid: it is none of `choices`, nobody's, or the row is carried out already. An empty
/// decision takes an earlier one back.
Status decide_work(safe::Safe& safe, const std::string& recovery_id, const std::string& id, const std::string& decision,
                   const std::string& note, const std::string& who, Time when);
/// What was decided is done. Code::work_not_found. Idempotent.
Status mark_carried_out(safe::Safe& safe, const std::string& recovery_id, const std::string& id, Time when);
std::string work_csv(const std::vector<WorkRow>& rows);  // RFC 4180, with a head line
/// Reads back what a person filled in (columns id, decision, note, who); other columns are ignored, and so are lines without a
/// decision. Code::decision_invalid names line and column of the first fault; then nothing is taken.
Status decide_work_csv(safe::Safe& safe, const std::string& recovery_id, std::string_view csv, Time when);
std::string work_json(const std::vector<WorkRow>& rows);

}  // namespace backstitch::recovery
