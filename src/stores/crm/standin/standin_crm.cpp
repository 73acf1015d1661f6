#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"
#include "base/net/http_client.h"
#include "stores/crm/port.h"

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

DeliveryResult judge(const json::value& entry) {
  const json::object& result = entry.as_object();
  if (const json::value* success = result.if_contains("success"); success && success->is_bool() && success->get_bool()) return {Delivered::ok, {}};
  const std::string detail = write_json(entry);
  const bool transient = detail.find("UNABLE_TO_LOCK_ROW") != std::string::npos || detail.find("REQUEST_LIMIT_EXCEEDED") != std::string::npos;
  return {transient ? Delivered::retry : Delivered::refused, detail};
}

class StandinCrm : public Crm {
 public:
  explicit StandinCrm(std::string url) : url_(std::move(url)) {}

  Result<std::vector<DeliveryResult>> deliver(const std::vector<Update>& updates) override {
    std::vector<DeliveryResult> results;
    for (std::size_t begin = 0; begin < updates.size(); begin += records_max) {
      const std::size_t end = std::min(begin + records_max, updates.size());
      auto part = deliver_part({updates.begin() + static_cast<std::ptrdiff_t>(begin), updates.begin() + static_cast<std::ptrdiff_t>(end)});
      if (!part) return fail(std::move(part.error()));
      results.insert(results.end(), part->begin(), part->end());
    }
    return results;
  }

 private:
  Result<std::vector<DeliveryResult>> deliver_part(const std::vector<Update>& updates) {
    std::string body = "{\"allOrNone\":false,\"records\":[";
    for (std::size_t i = 0; i < updates.size(); ++i) body += (i ? "," : "") + record_json(updates[i]);
    HttpCall call;
    call.method = "PATCH", call.url = url_ + "/services/data/v60.0/composite/sobjects", call.body = body + "]}", call.timeout_ms = 10'000;
    call.headers = {{"Content-Type", "application/json"}};
    const HttpAnswer answer = client_.call(call);
    if (answer.delivery != Delivery::answered) return fail(Code::unreachable, "CRM at {}: {}", url_, answer.error);
    auto document = parse_json(answer.body);
    if (answer.status != 200 || !document || !document->is_array() || document->get_array().size() != updates.size())
      return fail(Code::crm_failed, "status {}: {}", answer.status, answer.body.substr(0, 200));
    std::vector<DeliveryResult> results;
    for (const json::value& entry : document->get_array()) results.push_back(judge(entry));
    return results;
  }

  std::string url_;
  HttpClient client_;
};

}  // namespace

std::unique_ptr<Crm> open_standin_crm(const std::string& url) { return std::make_unique<StandinCrm>(url); }

}  // namespace backstitch::crm
