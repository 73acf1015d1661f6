// The org as a submitter: every attempt and every answer that ends one is a line of the ledger. What it submitted can be queried
// as orders, beside what the updates say of them.
#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"
#include "standins/common/fields.h"
#include "standins/common/routes.h"
#include "standins/org/org.h"
#include "standins/org/query.h"

namespace backstitch::standin {

void Org::submit(std::vector<OrderText> orders, const SubmitSettings& settings, Target& target) {
  {
    std::lock_guard lock(mutex_);
    given_ = static_cast<std::int64_t>(orders.size());
    std::erase_if(orders, [this](const OrderText& order) {
      return acknowledged_.contains(order.key()) || rejected_.contains(order.key());
    });
  }
  SubmitEvents events{
      .sending = [this](const OrderText& order, int attempt) { note_order("submission", order, attempt, {}); },
      .acknowledged = [this](const OrderText& order, const HttpAnswer& answer) { note_order("acknowledged", order, 0, answer); },
      .rejected = [this](const OrderText& order, const HttpAnswer& answer) { note_order("rejected", order, 0, answer); }};
  submitter_ = std::make_unique<Submitter>(std::move(orders), settings, target, std::move(events));
}

void Org::stop() { submitter_.reset(); }

void Org::note_order(const char* kind, const OrderText& order, int attempt, const HttpAnswer& answer) {
  const Time at = settings_.clock();
  boost::json::object line{
      {"kind", kind},           {"source", order.source}, {"sourceOrderId", order.source_order_id}, {"version", order.version},
      {"sha256", order.sha256}, {"at", rfc3339(at)}};
  if (attempt > 0) line["attempt"] = attempt;
  if (answer.delivery == Delivery::answered) {
    auto document = parse_json(answer.body);
    line["status"] = answer.status;
    line["answer"] = document ? std::move(*document) : boost::json::value(answer.body);
  }
  std::uint64_t number = 0;
  {
    std::lock_guard lock(mutex_);
    remember_order(kind, order, at);
    number = ledger_->append(line);
  }
  // An attempt is on the disk before it is sent: nothing reaches the platform that the org does not know of.
  ledger_->wait_durable(number);
}

void Org::remember_order(const std::string& kind, const OrderText& order, Time at) {
  if (kind == "submission") ++submissions_;
  if (kind == "acknowledged") acknowledged_.insert(order.key());
  if (kind == "rejected") rejected_.insert(order.key());
  Submission& known = submissions_by_id_[order.source_order_id];
  if (order.version < known.version) return;
  if (order.version > known.version) known = {};
  const char* status = kind == "acknowledged" ? "Submitted" : kind == "rejected" ? "Rejected" : "Queued";
  if (known.status == status || (!known.status.empty() && kind == "submission")) return;  // another attempt changes nothing
  known.source = order.source, known.version = order.version, known.status = status, known.changed_at = at;
  if (kind == "acknowledged") known.submitted_at = at;
  boost::json::object fields;
  if (known.submitted_at.is_set()) fields["SubmittedAt__c"] = salesforce_time(known.submitted_at);
  const ObjectRow* stands = objects_.by_external("Order", order.source_order_id);
  const auto place = stands ? place_of(stands->fields) : std::nullopt;
  if (!place || place->first == 0) {  // no update has said yet how it stands
    fields["Status"] = known.status, fields["Epoch__c"] = 0, fields["Version__c"] = 0;
    fields["Source__c"] = order.source, fields["OrderVersion__c"] = order.version;
    fields["Payload__c"] = {{"source", order.source}, {"sourceOrderId", order.source_order_id}, {"orderVersion", order.version}};
  }
  objects_.put("Order", order.source_order_id, fields, at);
}

void Org::submitted(const std::string& source, const std::string& source_order_id) {
  const std::lock_guard lock(mutex_);
  remember_order("acknowledged", {.source = source, .source_order_id = source_order_id, .body = {}, .sha256 = {}},
                 settings_.clock());
}

Status Org::replay(const boost::json::object& line) {
  const std::string kind = text_of(line, "kind");
  const auto time = [&](const char* name) { return parse_rfc3339(text_of(line, name)).value_or(Time{}); };
  if (kind == "object") {
    const auto* fields = line.if_contains("fields");
    if (!fields || !fields->is_object() || !object_type(text_of(line, "type")))
      return fail(Code::json_invalid, "an object without type or fields");
    objects_.restore({text_of(line, "type"), text_of(line, "id"), fields->get_object(), time("created"), time("at"),
                      flag_of(line, "deleted")});
    return {};
  }
  if (kind != "update") {
    remember_order(kind,
                   {.source = text_of(line, "source"),
                    .source_order_id = text_of(line, "sourceOrderId"),
                    .version = number_of(line, "version").value_or(1),
                    .body = {},
                    .sha256 = {}},
                   time("at"));
    return {};
  }
  const auto update = read_update_line(line);
  if (!update) return fail(update.error());
  if (records_.apply(*update) == Arrival::applied)
    objects_.put(update->type, update->external_id, parse_json(update->fields).value().as_object(), update->at);
  return {};
}

}  // namespace backstitch::standin
