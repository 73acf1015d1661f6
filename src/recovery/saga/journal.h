// What a recovery has done, kept in the safe (recoveries/<id>/journal.json) and written before and after each step: a finished
// step is never begun again, also after a kill at any line. One writer, the process that holds the data folder's lock.
#pragma once
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

enum class StepState { open, begun, done };

struct StepRecord {
  std::string step;  // "freeze"
  StepState state = StepState::open;
  int starts = 0;  // 1 for a step that went through at once
  Time begun_at, ended_at;
  std::int64_t ms = 0;  // of the run that finished it
  std::string digest_before, digest_after;
  boost::json::object result;  // what later steps and the report need
};

class Journal {
 public:
  /// Reads what is there; empty for a recovery that has not begun.
  static Result<Journal> open(safe::Safe& safe, std::string recovery_id);

  const std::string& id() const { return id_; }
  bool is_done(const std::string& step) const;
  /// The step's record; one with state open when it was never begun.
  StepRecord step(const std::string& name) const;
  const std::vector<StepRecord>& steps() const { return steps_; }

  Status begin(const std::string& step, Time now, const std::string& digest_before);
  Status finish(const std::string& step, Time now, std::int64_t ms, const std::string& digest_after, boost::json::object result);
  /// Facts that belong to no step: "undone", "preparedAt" …
  Status note(const std::string& name, boost::json::value value);
  const boost::json::object& notes() const { return notes_; }

  boost::json::object object() const;
  std::string json() const;

 private:
  Journal(safe::Safe& safe, std::string id) : safe_(&safe), id_(std::move(id)) {}
  Status keep();
  StepRecord& at(const std::string& step);
  safe::Safe* safe_;
  std::string id_;
  std::vector<StepRecord> steps_;
  boost::json::object notes_;
};

const char* to_text(StepState state);

}  // namespace backstitch::recovery
