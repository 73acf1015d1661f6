#include "standins/org/objects.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cstdlib>
#include <set>

#include "standins/common/fields.h"
#include "standins/org/ids.h"

namespace backstitch::standin {
namespace {

std::optional<std::uint64_t> whole_number(const boost::json::object& fields, std::string_view name) {
  const auto* value = fields.if_contains(name);
  if (!value) return std::nullopt;
  if (value->is_string()) {
    const auto& text = value->get_string();
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
  }
  boost::system::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  return error ? std::nullopt : std::optional(number);
}

bool is_empty(const boost::json::value* value) {
  return !value || value->is_null() || (value->is_string() && value->get_string().empty());
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

/// What a client sends beside fields.
void strip(boost::json::object& record) {
  for (const char* name : {"attributes", "Id", "id"}) record.erase(name);
}

/// A text that is a number will do, as it comes out of a CSV.
bool is_number_or_none(const boost::json::value& value) {
  if (!value.is_string()) return value.is_number() || value.is_null();
  const std::string text(value.get_string());
  char* end = nullptr;
  static_cast<void>(std::strtod(text.c_str(), &end));
  return end == text.c_str() + text.size();
}

}  // namespace

std::string ObjectRow::external_id() const { return text_of(fields, external_id_field); }

boost::json::object object_line(const ObjectRow& row) {
  return {{"kind", "object"},
          {"type", row.type},
          {"id", row.id},
          {"created", rfc3339(row.created)},
          {"at", rfc3339(row.modified)},
          {"deleted", row.deleted},
          {"fields", row.fields}};
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> place_of(const boost::json::object& fields) {
  const auto epoch = whole_number(fields, "Epoch__c"), version = whole_number(fields, "Version__c");
  if (!epoch || !version) return std::nullopt;
  return std::pair(*epoch, *version);
}

/// As the org's rules say: fields exist, required ones are given, an external id is unique, and a platform's place never goes
/// back (a validation rule; docs/guide/crm.md). What a platform writes by external id alone needs no more: a flow of the org
/// fills the rest.
ApiResult<void> Objects::check(const ObjectType& type, const boost::json::object& record, const ObjectRow* before) const {
  for (const auto& [name, value] : record) {
    if (!type.has_field(name))
      return refuse(400, "INVALID_FIELD", fmt::format("No such column '{}' on sobject of type {}", std::string(name), type.name));
    if (is_number_field(name) && !is_number_or_none(value))
      return refuse(400, "JSON_PARSER_ERROR",
                    fmt::format("Cannot deserialize instance of double for field {}", std::string(name)));
  }
  std::vector<std::string> missing;
  for (const std::string& name : type.required)
    if (before ? record.contains(name) && is_empty(record.if_contains(name)) : is_empty(record.if_contains(name)))
      missing.push_back(name);
  const auto place = place_of(record);
  if (!missing.empty() && !place)
    return refuse(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [" + join(missing) + "]", missing);
  const ObjectRow* other = by_external(type.name, text_of(record, external_id_field));
  if (other && other != before)
    return refuse(400, "DUPLICATE_VALUE",
                  fmt::format("duplicate value found: {} duplicates value on record with id: {}", external_id_field, other->id));
  const auto stands = before ? place_of(before->fields) : std::nullopt;
  if (place && stands && *place < *stands)
    return refuse(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "an older place than the one that stands here", {"Version__c"});
  return {};
}

ApiResult<Written> Objects::create(const std::string& type_name, boost::json::object record) {
  const ObjectType* type = object_type(type_name);
  if (!type) return not_found();
  strip(record);
  const std::string external_id = text_of(record, external_id_field);
  if (auto refused = refusal_(type_name, external_id)) return tl::unexpected(*refused);
  if (auto checked = check(*type, record, nullptr); !checked) return tl::unexpected(checked.error());
  const Time now = clock_();
  ObjectRow row{type_name, derive_id(type->prefix, type_name + "/" + external_id), std::move(record), now, now};
  while (external_id.empty() || by_id(type_name, row.id)) {
    row.id = derive_id(type->prefix, fmt::format("{}/#{}/{}", type_name, now.us, ++made_));
    if (!by_id(type_name, row.id)) break;
  }
  Written written{row.id, true};
  store(std::move(row));
  return written;
}

ApiResult<Written> Objects::update(const std::string& type_name, const std::string& id, boost::json::object record) {
  const auto found = live(type_name, id);
  if (!found) return tl::unexpected(found.error());
  strip(record);
  const ObjectRow& before = **found;
  const std::string name = before.external_id();
  if (auto refused = refusal_(type_name, name.empty() ? before.id : name)) return tl::unexpected(*refused);
  if (auto checked = check(*object_type(type_name), record, &before); !checked) return tl::unexpected(checked.error());
  ObjectRow row = before;
  for (auto& [field, value] : record) row.fields[field] = std::move(value);
  row.modified = std::max(clock_(), before.modified);
  Written written{row.id, false};
  store(std::move(row));
  return written;
}

ApiResult<Written> Objects::upsert(const std::string& type, const std::string& field, const std::string& value,
                                   boost::json::object record) {
  if (!object_type(type)) return not_found();
  if (field != external_id_field)
    return refuse(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: " + field);
  if (value.empty()) return refuse(400, "MISSING_ARGUMENT", fmt::format("{} not specified", field), {field});
  record.erase(field);
  if (const ObjectRow* known = by_external(type, value)) return update(type, known->id, std::move(record));
  record[field] = value;
  return create(type, std::move(record));
}

ApiResult<Written> Objects::remove(const std::string& type, const std::string& id) {
  const auto found = live(type, id);
  if (!found) return tl::unexpected(found.error());
  ObjectRow row = **found;
  row.deleted = true, row.modified = std::max(clock_(), row.modified);
  Written written{row.id, false};
  store(std::move(row));
  return written;
}

ApiResult<const ObjectRow*> Objects::live(const std::string& type, const std::string& id) const {
  const ObjectRow* row = object_type(type) ? by_id(type, id) : nullptr;
  if (!row) return not_found();
  if (row->deleted) return refuse(404, "ENTITY_IS_DELETED", "entity is deleted");
  return row;
}

const ObjectRow* Objects::by_external(const std::string& type, const std::string& value) const {
  const auto found = id_of_external_.find({type, value});
  return value.empty() || found == id_of_external_.end() ? nullptr : by_id(type, found->second);
}

const ObjectRow* Objects::by_id(const std::string& type, const std::string& id) const {
  const auto& rows = of_type(type);
  const auto found = rows.find(id.size() == 15 ? long_id(id) : id);
  return found == rows.end() ? nullptr : &found->second;
}

const std::map<std::string, ObjectRow>& Objects::of_type(const std::string& type) const {
  static const std::map<std::string, ObjectRow> none;
  const auto found = rows_.find(type);
  return found == rows_.end() ? none : found->second;
}

void Objects::put(const std::string& type, const std::string& external_id, const boost::json::object& fields, Time at) {
  const ObjectRow* known = by_external(type, external_id);
  ObjectRow row = known ? *known : ObjectRow{type, derive_id(object_type(type)->prefix, type + "/" + external_id), {}, at, at};
  row.fields[external_id_field] = external_id;
  for (const auto& [field, value] : fields) row.fields[field] = value;
  row.modified = std::max(row.modified, at);
  restore(std::move(row));
}

void Objects::restore(ObjectRow row) {
  index(row);
  ObjectRow& slot = rows_[row.type][row.id];
  slot = std::move(row);
}

void Objects::index(const ObjectRow& row) {
  const std::string external_id = row.external_id();
  if (const ObjectRow* before = by_id(row.type, row.id)) {
    const auto named = id_of_external_.find({row.type, before->external_id()});
    if (named != id_of_external_.end() && named->second == row.id) id_of_external_.erase(named);
  }
  if (!external_id.empty() && !row.deleted) id_of_external_[{row.type, external_id}] = row.id;
}

void Objects::store(ObjectRow row) {
  const ObjectRow* before = by_id(row.type, row.id);
  undo_.push_back({row.type, row.id, before ? std::optional(*before) : std::nullopt});
  restore(std::move(row));
}

std::vector<ObjectRow> Objects::commit() {
  std::vector<ObjectRow> changed;
  std::set<std::pair<std::string, std::string>> seen;
  for (const Undo& undo : undo_)
    if (seen.insert({undo.type, undo.id}).second) changed.push_back(*by_id(undo.type, undo.id));
  undo_.clear();
  return changed;
}

void Objects::roll_back(std::size_t mark) {
  for (; undo_.size() > mark; undo_.pop_back()) {
    Undo& undo = undo_.back();
    if (undo.before) {
      restore(std::move(*undo.before));
      continue;
    }
    id_of_external_.erase({undo.type, by_id(undo.type, undo.id)->external_id()});
    rows_[undo.type].erase(undo.id);
  }
}

}  // namespace backstitch::standin
