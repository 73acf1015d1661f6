#include "recovery/reconcile/work.h"

#include <algorithm>
#include <boost/json.hpp>
#include <mutex>

#include "base/hash.h"
#include "base/json.h"
#include "base/json_member.h"
#include "recovery/reconcile/work_list.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

std::string name_of(const std::string& recovery_id) { return "recoveries/" + recovery_id + "/work.json"; }

// A list is read, changed and written whole: two at a time would lose one's change.
std::mutex& writing() {
  static std::mutex mutex;
  return mutex;
}

json::object object_of(const WorkRow& row) {
  json::array choices;
  for (const std::string& choice : row.choices) choices.emplace_back(choice);
  const auto settlement = parse_json(row.settlement);
  return {{"id", row.id},
          {"kind", row.kind},
          {"subject", row.subject},
          {"evidence", row.evidence},
          {"proposal", row.proposal},
          {"choices", std::move(choices)},
          {"owner", row.owner},
          {"decision", row.decision},
          {"note", row.note},
          {"who", row.who},
          {"when", row.when.is_set() ? rfc3339(row.when) : ""},
          {"settlement", settlement ? *settlement : json::value()},
          {"accountId", row.account},
          {"partition", row.partition},
          {"system", row.system},
          {"catalog", row.catalog},
          {"carriedOut", row.carried_out.is_set() ? rfc3339(row.carried_out) : ""}};
}

Time time_of(const json::object& object, const char* name) {
  const auto time = parse_rfc3339(text_in(object, name));
  return time ? *time : Time();
}

WorkRow row_of(const json::object& object) {
  WorkRow row;
  row.id = text_in(object, "id"), row.kind = text_in(object, "kind"), row.subject = text_in(object, "subject");
  row.evidence = text_in(object, "evidence"), row.proposal = text_in(object, "proposal"), row.owner = text_in(object, "owner");
  row.decision = text_in(object, "decision"), row.note = text_in(object, "note"), row.who = text_in(object, "who");
  row.when = time_of(object, "when"), row.carried_out = time_of(object, "carriedOut");
  row.account = text_in(object, "accountId"), row.system = text_in(object, "system"), row.catalog = text_in(object, "catalog");
  if (const json::value* choices = object.if_contains("choices"); choices && choices->is_array())
    for (const json::value& choice : choices->get_array())
      if (choice.is_string()) row.choices.emplace_back(choice.get_string());
  if (const json::value* settlement = object.if_contains("settlement"); settlement && settlement->is_object())
    row.settlement = write_json(*settlement);
  if (const json::value* partition = object.if_contains("partition"); partition && partition->is_int64())
    row.partition = static_cast<Partition>(partition->get_int64());
  return row;
}

}  // namespace

std::string work_id(std::string_view kind, std::string_view subject) {
  return "w-" + uuid_text(first_128(sha256_parts({"work", kind, subject}))).substr(24);  // its last 12 hex digits
}

Result<std::vector<WorkRow>> load_work(safe::Safe& safe, const std::string& recovery_id) {
  const auto content = safe.get(name_of(recovery_id));
  if (!content && content.error().code == Code::object_not_found) return std::vector<WorkRow>();
  if (!content) return fail(content.error());
  const auto document = parse_json(*content);
  const json::value* items = document && document->is_object() ? document->get_object().if_contains("items") : nullptr;
  if (!items || !items->is_array()) return fail(Code::json_invalid, "{} is no work list", name_of(recovery_id));
  std::vector<WorkRow> rows;
  for (const json::value& item : items->get_array()) {
    if (!item.is_object()) return fail(Code::json_invalid, "{} is no work list", name_of(recovery_id));
    rows.push_back(row_of(item.get_object()));
  }
  return rows;
}

Status change_work(safe::Safe& safe, const std::string& recovery_id, const std::function<Status(std::vector<WorkRow>&)>& change) {
  const std::lock_guard lock(writing());
  auto rows = load_work(safe, recovery_id);
  if (!rows) return fail(std::move(rows.error()));
  const std::string before = work_json(*rows);
  BS_TRY(change(*rows));
  const std::string after = work_json(*rows);
  return after == before ? Status() : safe.put(name_of(recovery_id), after);
}

Result<WorkRow*> find_work(std::vector<WorkRow>& rows, const std::string& id) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const WorkRow& one) { return one.id == id; });
  if (row == rows.end()) return fail(Code::work_not_found, "{}", id);
  return &*row;
}

Status decide_row(WorkRow& row, const WorkDecision& wanted, Time when) {
  if (row.decision == wanted.decision && row.note == wanted.note && row.who == wanted.who) return {};
  if (row.carried_out.is_set())
    return fail(Code::decision_invalid, "{} was carried out as \"{}\" {}", row.id, row.decision, rfc3339(row.carried_out));
  if (wanted.decision.empty()) {
    row.decision.clear(), row.note.clear(), row.who.clear(), row.when = {};
    return {};
  }
  if (std::find(row.choices.begin(), row.choices.end(), wanted.decision) == row.choices.end())
    return fail(Code::decision_invalid, "{}: \"{}\"; there are {}", row.id, wanted.decision, joined_choices(row, ", "));
  if (wanted.who.empty()) return fail(Code::decision_invalid, "{}: a decision is somebody's", row.id);
  row.decision = wanted.decision, row.note = wanted.note, row.who = wanted.who, row.when = when;
  return {};
}

std::string joined_choices(const WorkRow& row, const char* between) {
  std::string out;
  for (const std::string& choice : row.choices) out += (out.empty() ? "" : between) + choice;
  return out;
}

Status add_work(safe::Safe& safe, const std::string& recovery_id, const std::vector<WorkRow>& rows) {
  return change_work(safe, recovery_id, [&](std::vector<WorkRow>& kept) -> Status {
    for (WorkRow row : rows) {
      if (row.id.empty()) row.id = work_id(row.kind, row.subject);
      if (const auto known = find_work(kept, row.id); !known) {
        kept.push_back(std::move(row));
      } else if ((*known)->open()) {
        **known = std::move(row);
      }
    }
    return {};
  });
}

Status decide_work(safe::Safe& safe, const std::string& recovery_id, const std::string& id, const std::string& decision,
                   const std::string& note, const std::string& who, Time when) {
  return change_work(safe, recovery_id, [&](std::vector<WorkRow>& rows) -> Status {
    const auto row = find_work(rows, id);
    if (!row) return fail(row.error());
    return decide_row(**row, {decision, note, who}, when);
  });
}

Status mark_carried_out(safe::Safe& safe, const std::string& recovery_id, const std::string& id, Time when) {
  return change_work(safe, recovery_id, [&](std::vector<WorkRow>& rows) -> Status {
    const auto row = find_work(rows, id);
    if (!row) return fail(row.error());
    if (!(*row)->carried_out.is_set()) (*row)->carried_out = when;
    return {};
  });
}

std::string work_json(const std::vector<WorkRow>& rows) {
  json::array items;
  for (const WorkRow& row : rows) items.emplace_back(object_of(row));
  return write_json(json::object{{"schema", "recovery.work/1"}, {"items", std::move(items)}, {"next", nullptr}});
}

}  // namespace backstitch::recovery
