#include "stores/crm/standin/record_query.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "base/net/percent.h"

namespace backstitch::crm {
namespace json = boost::json;
namespace {

constexpr int pages_max = 100'000;
constexpr std::string_view service_path = "/services/data/";

std::string query_text(const std::string& type, Time since) {
  const std::string at = rfc3339(Time{since.us - since.us % 1000});  // a literal has milliseconds
  return "SELECT ExternalId__c, Status, Epoch__c, Version__c, Payload__c, SystemModstamp" +
         std::string(type == "Order" ? ", SubmittedAt__c" : "") + " FROM " + type +
         " WHERE SystemModstamp >= " + at.substr(0, at.size() - 4) + "Z ORDER BY SystemModstamp, Id";
}

std::string text_of(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::uint64_t number_of(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_number()) return 0;
  json::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  return error ? 0 : number;
}

Result<Record> record_of(const std::string& type, const json::value& entry) {
  if (!entry.is_object()) return fail(Code::crm_failed, "a record that is no object");
  const json::object& fields = entry.get_object();
  Record record{.type = type, .external_id = text_of(fields, "ExternalId__c"), .state = text_of(fields, "Status")};
  record.epoch = number_of(fields, "Epoch__c"), record.version = number_of(fields, "Version__c");
  if (const json::value* body = fields.if_contains("Payload__c"); body && body->is_object()) record.body = write_json(*body);
  const auto modified = parse_rfc3339(text_of(fields, "SystemModstamp"));
  if (record.external_id.empty() || !modified)
    return fail(Code::crm_failed, "a record without ExternalId__c or SystemModstamp: {}", write_json(entry).substr(0, 200));
  record.modified_at = *modified;
  if (const std::string at = text_of(fields, "SubmittedAt__c"); !at.empty()) {
    const auto submitted = parse_rfc3339(at);
    if (!submitted) return fail(Code::crm_failed, "SubmittedAt__c of {}: {}", record.external_id, at);
    record.submitted_at = *submitted;
  }
  return record;
}

struct Page {
  std::string next;  // empty: the last one
  std::uint64_t total = 0;
};

Result<Page> take_page(const std::string& type, const json::value& document, std::vector<Record>& records) {
  const json::object* page = document.is_object() ? &document.get_object() : nullptr;
  const json::value* list = page ? page->if_contains("records") : nullptr;
  const json::value* done = page ? page->if_contains("done") : nullptr;
  if (!list || !list->is_array() || !done || !done->is_bool()) return fail(Code::crm_failed, "a page without done or records");
  for (const json::value& entry : list->get_array()) {
    auto record = record_of(type, entry);
    if (!record) return fail(std::move(record.error()));
    records.push_back(std::move(*record));
  }
  Page out{text_of(*page, "nextRecordsUrl"), number_of(*page, "totalSize")};
  if (done->get_bool()) return Page{"", out.total};
  if (!out.next.starts_with(service_path)) return fail(Code::crm_failed, "nextRecordsUrl \"{}\"", out.next);
  return out;
}

}  // namespace

Result<std::vector<Record>> query_changed(HttpClient& client, const std::string& url, const std::string& type, Time since) {
  std::vector<Record> records;
  std::string path = "/services/data/v60.0/query?q=" + percent_encoded(query_text(type, since));
  std::uint64_t total = 0;
  for (int pages = 0; !path.empty(); ++pages) {
    if (pages == pages_max) return fail(Code::crm_failed, "{}: more than {} pages", type, pages_max);
    HttpCall call;
    call.url = url + path, call.timeout_ms = 30'000;
    const HttpAnswer answer = client.call(call);
    if (answer.delivery != Delivery::answered) return fail(Code::unreachable, "CRM at {}: {}", url, answer.error);
    json::error_code error;
    const json::value document = json::parse(answer.body, error);  // a page may be larger than a document from a stranger
    if (answer.status != 200 || error) return fail(Code::crm_failed, "status {}: {}", answer.status, answer.body.substr(0, 200));
    const auto page = take_page(type, document, records);
    if (!page) return fail(page.error());
    if (pages == 0) total = page->total;
    path = page->next;
  }
  // A list that breaks off looks like a whole one, and would make orders vanish.
  if (records.size() < total) return fail(Code::crm_failed, "{}: {} records of {}", type, records.size(), total);
  return records;
}

}  // namespace backstitch::crm
