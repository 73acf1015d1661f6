#include "recovery/saga/journal.h"

#include <algorithm>

#include "base/json.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::string name_of(const std::string& id) { return "recoveries/" + id + "/journal.json"; }

json::object object_of(const StepRecord& record) {
  return {{"step", record.step},
          {"state", to_text(record.state)},
          {"starts", record.starts},
          {"ms", record.ms},
          {"begunAtUs", record.begun_at.us},
          {"endedAtUs", record.ended_at.us},
          {"digestBefore", record.digest_before},
          {"digestAfter", record.digest_after},
          {"result", record.result}};
}

StepRecord record_of(const json::object& object) {
  StepRecord record;
  record.step = json::value_to<std::string>(object.at("step"));
  const std::string state = json::value_to<std::string>(object.at("state"));
  record.state = state == "done" ? StepState::done : state == "begun" ? StepState::begun : StepState::open;
  record.starts = static_cast<int>(object.at("starts").to_number<std::int64_t>());
  record.ms = object.at("ms").to_number<std::int64_t>();
  record.begun_at = {object.at("begunAtUs").to_number<std::int64_t>()};
  record.ended_at = {object.at("endedAtUs").to_number<std::int64_t>()};
  record.digest_before = json::value_to<std::string>(object.at("digestBefore"));
  record.digest_after = json::value_to<std::string>(object.at("digestAfter"));
  record.result = object.at("result").as_object();
  return record;
}

}  // namespace

const char* to_text(StepState state) {
  switch (state) {
    case StepState::open: return "open";
    case StepState::begun: return "begun";
    case StepState::done: return "done";
  }
  return "";
}

Result<Journal> Journal::open(safe::Safe& safe, std::string recovery_id) {
  Journal journal(safe, std::move(recovery_id));
  const auto content = safe.get(name_of(journal.id_));
  if (!content && content.error().code == Code::object_not_found) return journal;
  if (!content) return fail(content.error());
  const auto document = parse_json(*content);
  if (!document) return fail(document.error());
  try {
    for (const json::value& step : document->at("steps").as_array()) journal.steps_.push_back(record_of(step.as_object()));
    journal.notes_ = document->at("notes").as_object();
  } catch (const std::exception& error) {  // Boost.JSON throws at a member that is missing or of another kind
    return fail(Code::json_invalid, "{}: {}", name_of(journal.id_), error.what());
  }
  return journal;
}

bool Journal::is_done(const std::string& name) const { return step(name).state == StepState::done; }

StepRecord Journal::step(const std::string& name) const {
  const auto found = std::find_if(steps_.begin(), steps_.end(), [&](const StepRecord& record) { return record.step == name; });
  return found == steps_.end() ? StepRecord{.step = name} : *found;
}

StepRecord& Journal::at(const std::string& name) {
  const auto found = std::find_if(steps_.begin(), steps_.end(), [&](const StepRecord& record) { return record.step == name; });
  if (found != steps_.end()) return *found;
  return steps_.emplace_back(StepRecord{.step = name});
}

Status Journal::begin(const std::string& name, Time now, const std::string& digest_before) {
  StepRecord& record = at(name);
  if (record.starts == 0) record.begun_at = now, record.digest_before = digest_before;
  record.state = StepState::begun;
  ++record.starts;
  return keep();
}

Status Journal::finish(const std::string& name, Time now, std::int64_t ms, const std::string& digest_after, json::object result) {
  StepRecord& record = at(name);
  record.state = StepState::done, record.ended_at = now, record.ms = ms, record.digest_after = digest_after;
  record.result = std::move(result);
  return keep();
}

Status Journal::note(const std::string& name, json::value value) {
  notes_[name] = std::move(value);
  return keep();
}

json::object Journal::object() const {
  json::array steps;
  for (const StepRecord& record : steps_) steps.push_back(object_of(record));
  return {{"schema", "recovery.journal/1"}, {"id", id_}, {"steps", std::move(steps)}, {"notes", notes_}};
}

std::string Journal::json() const { return write_json(object()); }

Status Journal::keep() { return safe_->put(name_of(id_), json()); }

}  // namespace backstitch::recovery
