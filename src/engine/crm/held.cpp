#include "engine/crm/held.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "model/identity.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr std::string_view fields_begin = "fields.", row_begin = "{\"crm\":{";

/// Beside the fields of the owner, under a name that no field of a CRM can have.
std::string place_of(const CrmOwner& owner) { return owner.asset_ref.empty() ? "$crm" : "$crm " + owner.asset_ref; }

const Attributes* fields_of(const Order& order, const std::string& line_id) {
  if (line_id.empty()) return &order.fields;
  const int line = order.line_index(line_id);
  return line < 0 ? nullptr : &order.lines[static_cast<std::size_t>(line)].fields;
}
Attributes& fields_of(Order& order, const std::string& line_id) {
  return line_id.empty() ? order.fields : order.lines[static_cast<std::size_t>(order.line_index(line_id))].fields;
}

std::string held_json(const CrmOwner& owner, const CrmHeld& held) {
  json::array say;
  for (const std::string& ours : held.say) say.emplace_back(ours);
  return write_json(json::object{{"crm",
                                  {{"line", owner.line_id},
                                   {"asset", owner.asset_ref},
                                   {"modifiedAt", held.modified_at.us},
                                   {"fields", to_json(held.fields)},
                                   {"say", std::move(say)}}}});
}

struct Read {
  CrmOwner owner;
  CrmHeld held;
};

/// None for a document of something else.
Result<std::optional<Read>> read_held(const std::string& text) {
  if (!text.starts_with(row_begin)) return std::nullopt;
  const auto document = parse_json(text);
  if (!document) return fail(Code::row_broken, "what was taken over from the CRM: {}", document.error().detail);
  const json::value& crm = document->at("crm");
  const json::object& object = crm.as_object();
  const auto *line = object.if_contains("line"), *asset = object.if_contains("asset"), *at = object.if_contains("modifiedAt"),
             *fields = object.if_contains("fields"), *say = object.if_contains("say");
  if (!line || !line->is_string() || !asset || !asset->is_string() || !at || !at->is_int64() || !fields || !say ||
      !say->is_array())
    return fail(Code::row_broken, "what was taken over from the CRM: {}", text.substr(0, 200));
  Read read{{std::string(line->get_string()), std::string(asset->get_string())},
            {Time{at->get_int64()}, attributes_from(*fields), {}}};
  for (const json::value& ours : say->get_array())
    if (ours.is_string()) read.held.say.insert(std::string(ours.get_string()));
  return read;
}

}  // namespace

CrmHeld held_of(const Order& order, const CrmOwner& owner) {
  const Attributes* fields = fields_of(order, owner.line_id);
  const Value* kept = fields ? fields->find(place_of(owner)) : nullptr;
  if (!kept) return {};
  auto read = read_held(text_of(*kept));
  return read && *read ? std::move((*read)->held) : CrmHeld();
}

void hold(Order& order, const CrmOwner& owner, const CrmHeld& held) {
  Attributes& fields = fields_of(order, owner.line_id);
  fields.set(place_of(owner), held_json(owner, held));
  if (!owner.asset_ref.empty()) return;  // those are the asset's
  for (const auto& [name, value] : held.fields) fields.set(name, value);
}

LineValuesRow held_row(OrderId id, const Order& order, const CrmOwner& owner) {
  return {DownstreamItemId{derive_child(id, "crm", owner.line_id, owner.asset_ref, order.version)},
          held_json(owner, held_of(order, owner))};
}

Result<bool> take_held_row(Order& order, const LineValuesRow& row) {
  const auto read = read_held(row.values);
  if (!read) return fail(read.error());
  if (!*read) return false;
  const CrmOwner& owner = (*read)->owner;
  if (!owner.line_id.empty() && order.line_index(owner.line_id) < 0)
    return fail(Code::row_broken, "line_values {}: there is no line {}", row.id.text(), owner.line_id);
  hold(order, owner, (*read)->held);
  return true;
}

Value held_value(const Order& order, const std::string& line_id, std::string_view ours) {
  if (ours.starts_with(fields_begin)) {
    const Attributes* fields = fields_of(order, line_id);
    const Value* value = fields ? fields->find(ours.substr(fields_begin.size())) : nullptr;
    return value ? *value : Value();
  }
  if (!line_id.empty()) {
    const int line = order.line_index(line_id);
    return ours == "quantity" && line >= 0 ? Value(order.lines[static_cast<std::size_t>(line)].quantity) : Value();
  }
  if (ours == "account") return order.account_id;
  return ours == "requestedAt" && order.requested_at.is_set() ? Value(rfc3339(order.requested_at)) : Value();
}

std::string said_members(const Order& order, const std::string& line_id) {
  std::string out, fields;
  for (const std::string& ours : held_of(order, {line_id, ""}).say) {
    const bool is_field = ours.starts_with(fields_begin);
    std::string& to = is_field ? fields : out;
    to += ',';
    append_json_string(to, is_field ? ours.substr(fields_begin.size()) : ours == "account" ? "accountId" : ours);
    to += ':';
    append_value(to, held_value(order, line_id, ours));
  }
  return fields.empty() ? out : out + ",\"fields\":{" + fields.substr(1) + "}";
}

}  // namespace backstitch
