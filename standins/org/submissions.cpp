// The org as a submitter: every attempt and every answer that ends one is a line of the ledger. What it submitted can be queried
// as orders, beside what the updates say of them.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>

#include "base/json.h"
#include "standins/common/fields.h"
#include "standins/common/routes.h"
#include "standins/org/org.h"

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
  const Time at = wall_clock();
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
}

Status Org::replay(const boost::json::object& line) {
  const std::string kind = text_of(line, "kind");
  if (kind != "update") {
    const auto at = parse_rfc3339(text_of(line, "at"));
    remember_order(kind,
                   {.source = text_of(line, "source"),
                    .source_order_id = text_of(line, "sourceOrderId"),
                    .version = number_of(line, "version").value_or(1),
                    .body = {},
                    .sha256 = {}},
                   at ? *at : Time{});
    return {};
  }
  const auto update = read_update_line(line);
  if (!update) return fail(update.error());
  records_.apply(*update);
  return {};
}

std::vector<Row> Org::rows(const std::string& type) const {
  std::vector<Row> rows;
  for (const auto& [external_id, record] : records_.of_type(type)) {
    if (record.id.empty()) continue;
    auto fields = parse_json(record.last.fields).value();
    rows.push_back({type, record.id, record.last.at, std::move(fields.as_object())});
  }
  if (type != "Order") return rows;
  std::map<std::string, std::size_t> row_of;
  for (std::size_t i = 0; i < rows.size(); ++i) row_of[text_of(rows[i].fields, "ExternalId__c")] = i;
  for (const auto& [external_id, submission] : submissions_by_id_) {
    const auto [found, fresh] = row_of.emplace(external_id, rows.size());
    if (fresh)
      rows.push_back({type,
                      record_id(type, external_id),
                      submission.changed_at,
                      {{"ExternalId__c", external_id},
                       {"Status", submission.status},
                       {"Epoch__c", 0},
                       {"Version__c", 0},
                       {"Payload__c",
                        {{"source", submission.source}, {"sourceOrderId", external_id}, {"orderVersion", submission.version}}}}});
    Row& row = rows[found->second];
    row.modified = std::max(row.modified, submission.changed_at);
    if (submission.submitted_at.is_set()) row.fields["SubmittedAt__c"] = salesforce_time(submission.submitted_at);
  }
  return rows;
}

HttpResponse Org::query(const HttpRequest& request, const Result<Query>& query) const {
  if (!query) return json_answer(400, boost::json::array{{{"errorCode", "MALFORMED_QUERY"}, {"message", query.error().detail}}});
  constexpr std::size_t batch_default = 2000, batch_least = 200;
  std::size_t batch = batch_default;
  const std::string_view options = request.header("sforce-query-options"), name = "batchSize=";
  if (options.starts_with(name))
    batch = std::clamp<std::size_t>(std::strtoul(options.substr(name.size()).data(), nullptr, 10), batch_least, batch_default);
  std::lock_guard lock(mutex_);
  std::vector<Row> all = rows(query->type);
  for (Row& row : all) row.fields["Id"] = row.id, row.fields["SystemModstamp"] = salesforce_time(row.modified);
  return json_answer(200, answer_query(*query, std::move(all), batch));
}

}  // namespace backstitch::standin
