#include "standins/org/records.h"

#include <boost/json.hpp>
#include <tuple>

#include "base/json.h"
#include "standins/common/fields.h"
#include "standins/org/ids.h"
#include "standins/org/schema.h"

namespace backstitch::standin {

std::string record_id(const std::string& type, const std::string& external_id) {
  return derive_id(object_type(type)->prefix, type + "/" + external_id);
}

const char* to_text(Arrival arrival) {
  switch (arrival) {
    case Arrival::applied: return "applied";
    case Arrival::stale: return "stale";
    case Arrival::repeated: return "repeated";
    case Arrival::differing: return "differing";
  }
  return "";
}

Result<Update> read_update(const boost::json::object& record, Time at) {
  Update update{.external_id = text_of(record, "ExternalId__c"), .status = text_of(record, "Status"), .at = at};
  if (const auto* attributes = record.if_contains("attributes"); attributes && attributes->is_object())
    update.type = text_of(attributes->get_object(), "type");
  const auto epoch = number_of(record, "Epoch__c"), version = number_of(record, "Version__c");
  if (update.type != "Order" && update.type != "OrderItem" && update.type != "Asset")
    return fail(Code::json_invalid, "attributes.type is none of Order, OrderItem, Asset");
  if (update.external_id.empty()) return fail(Code::json_invalid, "ExternalId__c");
  if (!epoch) return fail(Code::json_invalid, "Epoch__c");
  if (!version) return fail(Code::json_invalid, "Version__c");
  update.epoch = *epoch;
  update.version = *version;
  boost::json::object fields = record;
  fields.erase("attributes");
  update.fields = canonical_json(fields);
  return update;
}

boost::json::object update_line(const Update& update, Arrival arrival) {
  return {{"kind", "update"},
          {"type", update.type},
          {"externalId", update.external_id},
          {"epoch", update.epoch},
          {"version", update.version},
          {"status", update.status},
          {"arrival", to_text(arrival)},
          {"at", rfc3339(update.at)},
          {"fields", parse_json(update.fields).value()}};
}

Result<Update> read_update_line(const boost::json::object& line) {
  const auto at = parse_rfc3339(text_of(line, "at"));
  if (!at) return fail(at.error());
  const auto* fields = line.if_contains("fields");
  if (!fields) return fail(Code::json_invalid, "an update without its fields");
  return Update{.type = text_of(line, "type"),
                .external_id = text_of(line, "externalId"),
                .epoch = number_of(line, "epoch").value_or(0),
                .version = number_of(line, "version").value_or(0),
                .status = text_of(line, "status"),
                .fields = canonical_json(*fields),
                .at = *at};
}

Arrival Records::judge(const Update& update) const {
  const Record* known = find(update.type, update.external_id);
  if (!known) return Arrival::applied;
  const auto place = std::tie(update.epoch, update.version), stored = std::tie(known->last.epoch, known->last.version);
  if (place < stored) return Arrival::stale;
  if (place > stored) return Arrival::applied;
  return update.fields == known->last.fields ? Arrival::repeated : Arrival::differing;
}

Arrival Records::apply(const Update& update) {
  const Arrival arrival = judge(update);
  ++counts_[update.type].arrivals[arrival];
  Record& record = by_type_[update.type][update.external_id];
  ++record.updates;
  if (arrival != Arrival::applied) return arrival;
  if (record.id.empty()) record.id = record_id(update.type, update.external_id);
  record.last = update;
  return arrival;
}

const Records::Record* Records::find(const std::string& type, const std::string& external_id) const {
  const auto records = by_type_.find(type);
  if (records == by_type_.end()) return nullptr;
  const auto found = records->second.find(external_id);
  return found == records->second.end() ? nullptr : &found->second;
}

const std::map<std::string, Records::Record>& Records::of_type(const std::string& type) const {
  static const std::map<std::string, Record> none;
  const auto found = by_type_.find(type);
  return found == by_type_.end() ? none : found->second;
}

boost::json::object Records::record_json(const Record& record) {
  return {{"id", record.id},
          {"type", record.last.type},
          {"externalId", record.last.external_id},
          {"epoch", record.last.epoch},
          {"version", record.last.version},
          {"status", record.last.status},
          {"updates", record.updates},
          {"at", rfc3339(record.last.at)},
          {"fields", parse_json(record.last.fields).value()}};
}

boost::json::object Records::summary() const {
  boost::json::object all;
  for (const auto& [type, records] : by_type_) {
    std::map<std::string, std::int64_t> by_status;
    std::int64_t updates = 0;
    for (const auto& [external_id, record] : records) {
      ++by_status[record.last.status];
      updates += record.updates;
    }
    boost::json::object statuses, one{{"count", records.size()}, {"updates", updates}};
    for (const auto& [status, count] : by_status) statuses[status] = count;
    const auto& arrivals = counts_.at(type).arrivals;
    for (const Arrival arrival : {Arrival::applied, Arrival::stale, Arrival::repeated, Arrival::differing}) {
      const auto found = arrivals.find(arrival);
      one[to_text(arrival)] = found == arrivals.end() ? 0 : found->second;
    }
    one["byStatus"] = std::move(statuses);
    all[type] = std::move(one);
  }
  return all;
}

}  // namespace backstitch::standin
