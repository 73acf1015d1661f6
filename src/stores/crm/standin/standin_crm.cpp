#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "base/json.h"
#include "base/net/http_client.h"
#include "stores/crm/catalog_records.h"
#include "stores/crm/earlier.h"
#include "stores/crm/error_codes.h"
#include "stores/crm/port.h"
#include "stores/crm/standin/record_query.h"

namespace backstitch::crm {
namespace json = boost::json;
namespace {

constexpr std::size_t records_max = 200;  // of one composite call

std::string record_json(const Update& update) {
  std::string out = "{\"attributes\":{\"type\":\"" + update.type + "\"},\"ExternalId__c\":";
  append_json_string(out, update.external_id);
  out += fmt::format(",\"Epoch__c\":{},\"Version__c\":{},\"Status\":", update.epoch, update.version);
  append_json_string(out, update.state);
  out += ",\"Payload__c\":" + update.body + "}";
  return out;
}

Result<DeliveryResult> judge(const json::value& entry) {
  const json::value* success = entry.is_object() ? entry.get_object().if_contains("success") : nullptr;
  if (!success || !success->is_bool()) return fail(Code::crm_failed, "a result without success: {}", write_json(entry));
  if (success->get_bool()) return DeliveryResult{Delivered::ok, {}};
  const json::value* errors = entry.get_object().if_contains("errors");
  const bool passes = errors && errors->is_array() && !errors->get_array().empty() &&
                      std::all_of(errors->get_array().begin(), errors->get_array().end(),
                                  [](const json::value& error) { return is_passing(error_code_of(json::array{error})); });
  return DeliveryResult{passes ? Delivered::retry : Delivered::refused, write_json(entry)};
}

class StandinCrm : public Crm, public ChangeReader, public CatalogReader {
 public:
  StandinCrm(std::string url, FieldTable fields) : url_(std::move(url)), fields_(std::move(fields)) {}

  Result<std::vector<DeliveryResult>> deliver(const std::vector<Update>& updates) override {
    std::vector<DeliveryResult> results;
    for (std::size_t begin = 0; begin < updates.size(); begin += records_max) {
      const std::size_t end = std::min(begin + records_max, updates.size());
      auto part = deliver_part(&updates[begin], end - begin);
      if (!part) return fail(std::move(part.error()));
      results.insert(results.end(), part->begin(), part->end());
    }
    return results;
  }

  Result<std::vector<Record>> changed_since(Time since) override { return records_of(read_changes(since)); }

  Result<CatalogContent> read_catalog() override { return catalog_of(query()); }
  Result<std::vector<CatalogDelta>> deltas_after(std::int64_t index) override { return deltas_of(query(), index); }

  Result<Changes> read_changes(Time since) override {
    const Time now = wall_clock();
    std::map<std::pair<std::string, std::string>, ChangedRecord>
        last;  // what changes while we read is named by a later page again
    for (const char* type : {"Order", "OrderItem", "Asset"}) {
      auto found = query_changed(client_, url_, type, fields_.of(type), since);
      if (!found) return fail(std::move(found.error()));
      for (ChangedRecord& one : *found) last[{one.record.type, one.record.external_id}] = std::move(one);
    }
    std::vector<ChangedRecord> records;
    for (auto& [name, record] : last) records.push_back(std::move(record));
    std::sort(records.begin(), records.end(), changed_earlier);
    return Changes{std::move(records), now};
  }

 private:
  Query query() {
    return [this](const std::string& soql) { return query_records(client_, url_, soql); };
  }
  Result<std::vector<DeliveryResult>> deliver_part(const Update* updates, std::size_t count) {
    HttpCall call;
    call.method = "PATCH", call.url = url_ + "/services/data/v60.0/composite/sobjects", call.timeout_ms = 10'000;
    call.headers = {{"Content-Type", "application/json"}};
    call.body = "{\"allOrNone\":false,\"records\":[";
    for (std::size_t i = 0; i < count; ++i) call.body += (i ? "," : "") + record_json(updates[i]);
    call.body += "]}";
    const HttpAnswer answer = client_.call(call);
    if (answer.delivery != Delivery::answered) return fail(Code::unreachable, "CRM at {}: {}", url_, answer.error);
    const auto document = parse_json(answer.body);
    if (answer.status != 200 || !document || !document->is_array() || document->get_array().size() != count)
      return fail(Code::crm_failed, "status {}: {}", answer.status, answer.body.substr(0, 200));
    std::vector<DeliveryResult> results;
    for (const json::value& entry : document->get_array()) {
      auto result = judge(entry);
      if (!result) return fail(std::move(result.error()));
      results.push_back(std::move(*result));
    }
    return results;
  }

  std::string url_;
  FieldTable fields_;
  HttpClient client_;
};

}  // namespace

std::unique_ptr<Crm> open_standin_crm(const std::string& url) { return open_standin_crm(url, standin_fields()); }

std::unique_ptr<Crm> open_standin_crm(const std::string& url, const FieldTable& fields) {
  return std::make_unique<StandinCrm>(url, fields);
}

}  // namespace backstitch::crm
