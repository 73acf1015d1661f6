#include "stores/crm/record_fields.h"

#include <boost/json.hpp>
#include <charconv>

#include "base/json.h"
#include "base/json_member.h"

namespace backstitch::crm {
namespace json = boost::json;
namespace {

bool is_ours(const FieldRule& rule) { return rule.owner != Owner::crm; }

/// A number, or the digits of one: what has more than 15 of them lies in a text field.
std::uint64_t number_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  std::uint64_t number = 0;
  if (value && value->is_string()) {
    const auto& text = value->get_string();
    std::from_chars(text.data(), text.data() + text.size(), number);
  } else if (value && value->is_number()) {
    json::error_code error;
    number = value->to_number<std::uint64_t>(error);
    if (error && value->is_double() && value->get_double() > 0) number = static_cast<std::uint64_t>(value->get_double());
  }
  return number;
}

/// Null when the update does not say it: most of what an order was submitted with it does not.
const json::value* member_of(const FieldRule& rule, const json::object& body) {
  if (rule.ours.starts_with("body.")) return body.if_contains(rule.ours.substr(5));
  if (rule.ours.starts_with("fields.")) {
    const json::value* fields = body.if_contains("fields");
    return fields && fields->is_object() ? fields->get_object().if_contains(rule.ours.substr(7)) : nullptr;
  }
  return body.if_contains(rule.ours == "account" ? "accountId" : rule.ours);
}

/// Null: the update does not say it.
json::value said(const FieldRule& rule, const Update& update, const json::object& body) {
  if (rule.ours == "state") return update.state.empty() ? json::value(nullptr) : json::value(update.state);
  if (rule.ours == "epoch")
    return rule.kind == FieldKind::text ? json::value(std::to_string(update.epoch)) : json::value(update.epoch);
  if (rule.ours == "version")
    return rule.kind == FieldKind::text ? json::value(std::to_string(update.version)) : json::value(update.version);
  if (rule.ours == "body") return json::value(update.body);
  const json::value* member = member_of(rule, body);
  if (!member) return nullptr;
  if (rule.kind == FieldKind::date && member->is_string()) return json::value(member->get_string().subview(0, 10));
  const bool as_text = rule.kind == FieldKind::text && !member->is_string() && !member->is_null();
  return as_text ? json::value(write_json(*member)) : *member;
}

/// Each update says it by itself.
bool is_told(const FieldRule& rule) {
  return rule.ours == "state" || rule.ours == "epoch" || rule.ours == "version" || rule.ours == "body" ||
         rule.ours.starts_with("body.");
}
/// Names an order before any update does.
bool is_name(const FieldRule& rule) { return rule.ours == "submittedAt" || rule.ours == "source" || rule.ours == "orderVersion"; }

json::object part_of(const json::object& entry, const ObjectFields& fields, bool ours) {
  json::object out;
  for (const FieldRule& rule : fields.rules) {
    if (is_told(rule) || is_name(rule) || is_ours(rule) != ours) continue;
    const json::value* value = entry.if_contains(rule.field);
    out[rule.ours] = value ? *value : json::value(nullptr);
  }
  return out;
}

std::string body_of(const json::object& entry, const ObjectFields& fields) {
  const FieldRule* rule = fields.rule_of("body");
  const json::value* body = rule ? entry.if_contains(rule->field) : nullptr;
  if (body && body->is_object()) return write_json(*body);
  return body && body->is_string() ? std::string(body->get_string()) : std::string();
}

/// Of an order that nobody has told anything of: what names it.
std::string name_of(const json::object& entry, const ObjectFields& fields) {
  json::object out;
  if (const FieldRule* rule = fields.rule_of("source")) out["source"] = text_in(entry, rule->field);
  out["sourceOrderId"] = text_in(entry, fields.key);
  if (const FieldRule* rule = fields.rule_of("orderVersion"))
    out["orderVersion"] = std::max<std::uint64_t>(1, number_of(entry, rule->field));
  return write_json(out);
}

std::string found_text(const json::value* value) {
  return !value || value->is_null() ? "" : value->is_string() ? std::string(value->get_string()) : write_json(*value);
}

}  // namespace

json::object record_of(const Update& update, const ObjectFields& fields) {
  json::object out{{"attributes", {{"type", fields.object}}}, {fields.key, update.external_id}};
  const auto document = parse_json(update.body);
  const json::object body = document && document->is_object() ? document->get_object() : json::object();
  for (const FieldRule& rule : fields.rules) {
    if (!is_ours(rule)) continue;
    if (json::value value = said(rule, update, body); !value.is_null()) out[rule.field] = std::move(value);
  }
  return out;
}

std::string select_of(const ObjectFields& fields) {
  std::string out = fields.key + ", Id, IsDeleted, SystemModstamp";
  for (const FieldRule& rule : fields.rules) out += ", " + rule.field;
  return out;
}

Result<ChangedRecord> read_record(const std::string& type, const json::value& entry, const ObjectFields& fields) {
  if (!entry.is_object()) return fail(Code::crm_failed, "a record that is no object");
  const json::object& found = entry.get_object();
  const auto field = [&](std::string_view ours) {
    const FieldRule* rule = fields.rule_of(ours);
    return rule ? rule->field : std::string();
  };
  Record record{.type = type, .external_id = text_in(found, fields.key), .state = text_in(found, field("state"))};
  record.epoch = number_of(found, field("epoch")), record.version = number_of(found, field("version"));
  record.body = record.epoch == 0 && type == "Order" ? name_of(found, fields) : body_of(found, fields);
  if (record.body.empty()) record.body = "{}";
  const json::value* deleted = found.if_contains("IsDeleted");
  if (deleted && deleted->is_bool() && deleted->get_bool()) record.state = deleted_state;
  const auto modified = parse_rfc3339(text_in(found, "SystemModstamp"));
  if (!modified) return fail(Code::crm_failed, "a record without SystemModstamp: {}", write_json(entry).substr(0, 200));
  record.modified_at = *modified;
  if (const std::string at = text_in(found, field("submittedAt")); !at.empty()) {
    const auto submitted = parse_rfc3339(at);
    if (!submitted) return fail(Code::crm_failed, "{} of {}: {}", field("submittedAt"), record.external_id, at);
    record.submitted_at = *submitted;
  }
  return ChangedRecord{std::move(record), write_json(part_of(found, fields, false)), write_json(part_of(found, fields, true)),
                       differences(found, fields)};
}

std::vector<Difference> differences(const json::object& entry, const ObjectFields& fields) {
  std::vector<Difference> out;
  const auto document = parse_json(body_of(entry, fields));
  if (!document || !document->is_object()) return out;
  const FieldRule* epoch = fields.rule_of("epoch");
  if (!epoch || number_of(entry, epoch->field) == 0) return out;
  const json::object& body = document->get_object();
  Update sent{.state = text_in(body, "state")};
  for (const FieldRule& rule : fields.rules) {
    if (!is_ours(rule) || (rule.ours != "state" && !rule.ours.starts_with("body."))) continue;
    const json::value value = said(rule, sent, body);
    const std::string was = found_text(&value), is = found_text(entry.if_contains(rule.field));
    if (!value.is_null() && was != is) out.push_back({rule.ours, rule.field, was, is});
  }
  return out;
}

std::string soql_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string soql_time(Time time) {
  const std::string at = rfc3339(Time{time.us - time.us % 1000});
  return at.substr(0, at.size() - 4) + "Z";
}

}  // namespace backstitch::crm
