#include "engine/crm/refresh_record.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json_member.h"
#include "engine/account/assetize.h"
#include "engine/crm/held.h"
#include "engine/events.h"
#include "engine/order/order.h"

namespace backstitch {
namespace json = boost::json;
namespace {

void decided(Desk& desk, const CrmReading& input, const char* state, const Error* error = nullptr) {
  record_command(desk, input.id, "crm-refresh", state, input.actor, input.external_id, error);
}

/// Values stand under a name that is left out for whoever may not read what the customer gave (model/access.cpp).
std::string values_member(const Value& before, const Value& after) {
  std::string out = ",\"crm\":{\"before\":";
  append_value(out, before);
  out += ",\"after\":";
  append_value(out, after);
  return out + "}";
}

/// Theirs is right, and taken over; ours is right, and from now on said each time where no update says it by itself. Each with an
/// event that names what was before. The row is written with the turn's other rows.
void take(Desk& desk, OrderWork& order, const CrmReading& input, const CrmOwner& owner, CrmHeld held) {
  for (const auto& [name, value] : input.fields) {
    const Value* kept = held.fields.find(name);
    const Value before = owner.asset_ref.empty() ? held_value(order.order, owner.line_id, "fields." + name)
                         : kept                  ? *kept
                                                 : Value();
    held.fields.set(name, value);
    if (before != value)
      record_event(desk, order, "CrmFieldTaken",
                   member("record", input.external_id) + member("field", name) + values_member(before, value));
  }
  for (const CrmDifference& difference : input.differences) {
    if (difference.ours != "state" && !difference.ours.starts_with("body.")) held.say.insert(difference.ours);
    record_event(desk, order, "CrmDiffered",
                 member("record", input.external_id) + member("field", difference.field) +
                     values_member(difference.held, difference.found));
  }
  held.modified_at = input.modified_at;
  hold(order.order, owner, held);
  note_change(desk, order);
  std::vector<LineValuesRow>& rows = desk.work.repaired.line_values;
  LineValuesRow row = held_row(order.id, order.order, owner);
  std::erase_if(rows, [&](const LineValuesRow& other) { return other.id == row.id; });
  rows.push_back(std::move(row));
}

void say_asset_again(Desk& desk, const OrderWork& order, AccountWork& account, AssetRow& asset) {
  asset.changed_at = desk.now > asset.changed_at ? desk.now : Time{asset.changed_at.us + 1};
  if (account.changed_inventory.empty() && account.changed_assets.empty())
    desk.work.changed_accounts.push_back(account.account_id);
  account.changed_assets.insert(asset.asset_ref);
  if (auto update = asset_update(order, asset)) desk.effects.crm.push_back(std::move(*update));
}

void refresh_asset(Desk& desk, OrderWork& order, const CrmReading& input) {
  AccountWork& account = desk.work.accounts[input.account_id];
  account.account_id = input.account_id;
  const auto found = account.assets.find(input.asset_ref);
  const Error none{Code::inventory_missing, "asset " + input.asset_ref, {}};
  if (found == account.assets.end()) return decided(desk, input, "refused", &none);
  const CrmOwner owner{"", input.asset_ref};
  CrmHeld held = held_of(order.order, owner);
  if (found->second.changed_by != order.id || input.modified_at < held.modified_at) return decided(desk, input, "duplicate");
  take(desk, order, input, owner, std::move(held));
  if (!input.differences.empty()) say_asset_again(desk, order, account, found->second);
  decided(desk, input, "applied");
}

void refresh_order(Desk& desk, OrderWork& order, const CrmReading& input) {
  const CrmOwner owner{input.line_id, ""};
  CrmHeld held = held_of(order.order, owner);
  if (input.modified_at < held.modified_at) return decided(desk, input, "duplicate");
  take(desk, order, input, owner, std::move(held));
  if (!input.differences.empty()) notify_crm(desk, order, !input.line_id.empty());
  decided(desk, input, "applied");
}

Status read_differences(const json::object& object, CrmReading& input) {
  const json::value* differences = object.if_contains("differences");
  if (!differences || !differences->is_array()) return fail(Code::json_invalid, "differences is no list");
  for (const json::value& entry : differences->get_array()) {
    if (!entry.is_object()) return fail(Code::json_invalid, "a difference is no object");
    const json::object& one = entry.get_object();
    input.differences.push_back({text_in(one, "ours"), text_in(one, "field"), text_in(one, "held"), text_in(one, "found")});
  }
  return {};
}

}  // namespace

Result<CrmReading> read_crm_refresh(const InputRecord& record) {
  const auto document = parse_json(record.value);
  if (!document) return fail(document.error());
  if (!document->is_object()) return fail(Code::json_invalid, "{} is not an object", record.schema);
  const json::object& object = document->get_object();
  CrmReading input;
  const auto id = CommandId::parse(text_in(object, "commandId"));
  if (!id) return fail(Code::json_invalid, "member commandId: {}", id.error().detail);
  const auto order = OrderId::parse(text_in(object, "orderId"));
  if (!order) return fail(Code::json_invalid, "member orderId: {}", order.error().detail);
  const auto at = parse_rfc3339(text_in(object, "modifiedAt"));
  if (!at) return fail(Code::json_invalid, "member modifiedAt: {}", at.error().detail);
  input.id = *id, input.order = *order, input.modified_at = *at;
  input.actor = text_in(object, "actor"), input.account_id = text_in(object, "accountId"), input.type = text_in(object, "type");
  input.external_id = text_in(object, "externalId"), input.line_id = text_in(object, "lineId");
  input.asset_ref = text_in(object, "assetRef");
  const bool named = input.type == "Order" || (input.type == "OrderItem" && !input.line_id.empty()) ||
                     (input.type == "Asset" && !input.asset_ref.empty());
  if (!named || input.account_id.empty()) return fail(Code::json_invalid, "a record of the CRM that names nothing of ours");
  if (const json::value* fields = object.if_contains("fields"); fields && fields->is_object())
    input.fields = attributes_from(*fields);
  BS_TRY(read_differences(object, input));
  return input;
}

void refresh_record(Desk& desk) {
  const auto input = read_crm_refresh(desk.record);
  if (!input) return record_command(desk, {}, "crm-refresh", "refused", "", desk.record.account_id, &input.error());
  OrderWork* order = desk.work.find_order(input->order);
  const bool is_there = order && (input->line_id.empty() || order->order.line_index(input->line_id) >= 0);
  const Error none{Code::order_not_found, input->external_id, {}};
  if (!is_there) return decided(desk, *input, "refused", &none);
  return input->type == "Asset" ? refresh_asset(desk, *order, *input) : refresh_order(desk, *order, *input);
}

}  // namespace backstitch
