#include "stores/crm/strict_fake.h"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/assert.h"
#include "base/json.h"
#include "stores/crm/earlier.h"

namespace backstitch::crm {
namespace {

constexpr std::size_t records_max = 200;

void examine(const std::vector<Update>& updates) {
  std::set<std::pair<std::string, std::string>> named;
  for (const Update& update : updates) {
    BS_ASSERT(update.type == "Order" || update.type == "OrderItem" || update.type == "Asset", "a type that the CRM has");
    BS_ASSERT(!update.external_id.empty() && update.epoch > 0, "an update names its record and its epoch");
    const auto body = parse_json(update.body);
    BS_ASSERT(body && body->is_object(), "the body is a JSON object");
    BS_ASSERT(named.insert({update.type, update.external_id}).second, "one call says one thing of a record");
  }
}

DeliveryResult result_of(Answer answer) {
  switch (answer) {
    case Answer::applied: return {Delivered::ok, {}};
    case Answer::locked: return {Delivered::retry, "UNABLE_TO_LOCK_ROW"};
    case Answer::limited: return {Delivered::retry, "REQUEST_LIMIT_EXCEEDED"};
    case Answer::invalid: break;
  }
  return {Delivered::refused, "FIELD_INTEGRITY_EXCEPTION"};
}

}  // namespace

void Org::answer(const std::string& external_id, Answer answer) {
  const std::lock_guard lock(mutex_);
  answers_[external_id] = answer;
}

void Org::be(Mood mood) {
  const std::lock_guard lock(mutex_);
  mood_ = mood;
}

Mood Org::mood() const {
  const std::lock_guard lock(mutex_);
  return mood_;
}

std::vector<Answer> Org::take(const std::vector<Update>& updates) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(updates.size());
  std::vector<Answer> answers;
  for (const Update& update : updates) {
    const auto told = answers_.find(update.external_id);
    answers.push_back(told == answers_.end() ? Answer::applied : told->second);
    if (answers.back() != Answer::applied || mood_ == Mood::broken) continue;
    Update& known = stored_[{update.type, update.external_id}];
    if (known.external_id.empty() || std::pair(update.epoch, update.version) >= std::pair(known.epoch, known.version)) {
      known = update;
      ChangedRecord& changed = records_[{update.type, update.external_id}];
      Record& record = changed.record;
      record.type = update.type, record.external_id = update.external_id, record.state = update.state;
      record.body = update.body, record.epoch = update.epoch, record.version = update.version;
      record.modified_at = now_, changed.differences.clear();
    }
  }
  return answers;
}

std::optional<Update> Org::stored(const std::string& type, const std::string& external_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = stored_.find({type, external_id});
  return found == stored_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::size_t> Org::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void Org::at(Time now) {
  const std::lock_guard lock(mutex_);
  BS_ASSERT(now.us % 1000 == 0, "a CRM knows milliseconds");
  now_ = now;
}

void Org::submitted(const std::string& external_id) {
  const std::lock_guard lock(mutex_);
  Record& record = records_[{"Order", external_id}].record;
  record.type = "Order", record.external_id = external_id, record.submitted_at = record.modified_at = now_;
  if (record.epoch == 0) record.state = "Submitted";
}

std::vector<ChangedRecord> Org::changed_since(const std::string& type, Time since) const {
  const std::lock_guard lock(mutex_);
  std::vector<ChangedRecord> found;
  for (const auto& [name, one] : records_)
    if (one.record.type == type && one.record.modified_at.ms() >= since.ms()) found.push_back(one);
  std::sort(found.begin(), found.end(), changed_earlier);
  return found;
}

void Org::changed_there(const std::string& type, const std::string& external_id, const std::string& field,
                        const std::string& value) {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find({type, external_id});
  BS_ASSERT(found != records_.end() && (field == "Description" || field == "Status"), "a record and a field that are there");
  Record& record = found->second.record;
  record.modified_at = now_;
  if (field == "Description") {
    found->second.theirs = write_json(boost::json::object{{"fields.Description", value}});
    return;
  }
  record.state = value, found->second.differences.clear();
  const std::string sent = stored_[{type, external_id}].state;
  if (record.epoch > 0 && sent != value) found->second.differences.push_back({"state", field, sent, value});
}

Result<std::vector<Record>> StrictFake::changed_since(Time since) { return records_of(read_changes(since)); }

Result<Changes> StrictFake::read_changes(Time since) {
  const Mood mood = org_->mood();
  if (mood == Mood::gone) return fail(Code::unreachable, "nobody listens");
  if (mood == Mood::silent) return fail(Code::unreachable, "no answer");
  if (mood != Mood::fine) return fail(Code::crm_failed, "not the answer of a CRM");
  std::vector<ChangedRecord> all;
  for (const char* type : {"Asset", "Order", "OrderItem"})
    for (ChangedRecord& one : org_->changed_since(type, since)) all.push_back(std::move(one));
  std::sort(all.begin(), all.end(), changed_earlier);
  return Changes{std::move(all), wall_clock()};
}

Result<std::vector<DeliveryResult>> StrictFake::deliver(const std::vector<Update>& updates) {
  examine(updates);
  std::vector<DeliveryResult> results;
  for (auto begin = updates.begin(); begin != updates.end();) {
    const auto end = begin + std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(records_max), updates.end() - begin);
    const Mood mood = org_->mood();
    if (mood == Mood::gone) return fail(Code::unreachable, "nobody listens");
    const std::vector<Answer> answers = org_->take({begin, end});
    if (mood == Mood::silent) return fail(Code::unreachable, "no answer");
    if (mood != Mood::fine) return fail(Code::crm_failed, "not the answer of a CRM");
    for (const Answer answer : answers) results.push_back(result_of(answer));
    begin = end;
  }
  return results;
}

}  // namespace backstitch::crm
