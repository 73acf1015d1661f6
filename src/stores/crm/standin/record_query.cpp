#include "stores/crm/standin/record_query.h"

#include <boost/json.hpp>

#include "base/backoff.h"
#include "base/json.h"
#include "base/json_member.h"
#include "base/net/percent.h"
#include "stores/crm/error_codes.h"
#include "stores/crm/record_fields.h"

namespace backstitch::crm {
namespace json = boost::json;
namespace {

constexpr int pages_max = 100'000;
constexpr std::int64_t patience_ms = 20'000;
constexpr std::string_view service_path = "/services/data/";

std::string query_text(const ObjectFields& fields, Time since) {
  return "SELECT " + select_of(fields) + " FROM " + fields.object + " WHERE SystemModstamp >= " + soql_time(since) +
         " ORDER BY SystemModstamp, Id";
}

std::uint64_t number_of(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_number()) return 0;
  json::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  return error ? 0 : number;
}

struct Page {
  std::string next;  // empty: the last one
  std::uint64_t total = 0;
};

Result<Page> take_page(const json::value& document, json::array& records) {
  const json::object* page = document.is_object() ? &document.get_object() : nullptr;
  const json::value* list = page ? page->if_contains("records") : nullptr;
  const json::value* done = page ? page->if_contains("done") : nullptr;
  if (!list || !list->is_array() || !done || !done->is_bool()) return fail(Code::crm_failed, "a page without done or records");
  records.insert(records.end(), list->get_array().begin(), list->get_array().end());
  Page out{text_in(*page, "nextRecordsUrl"), number_of(*page, "totalSize")};
  if (done->get_bool()) return Page{"", out.total};
  if (!out.next.starts_with(service_path)) return fail(Code::crm_failed, "nextRecordsUrl \"{}\"", out.next);
  return out;
}

/// One page, asked for again while what refuses it goes by itself: a recovery that gave up here would have a gap in its evidence.
Result<json::value> ask_page(HttpClient& client, const std::string& address) {
  HttpCall call;
  call.url = address, call.timeout_ms = 30'000;
  for (Backoff backoff(patience_ms, {.attempts_max = 20});;) {
    const HttpAnswer answer = client.call(call);
    if (answer.delivery != Delivery::answered) return fail(Code::unreachable, "CRM at {}: {}", address, answer.error);
    json::error_code error;
    json::value document = json::parse(answer.body, error);  // a page may be larger than a document from a stranger
    if (answer.status == 200 && !error) return document;
    const bool passes = answer.status == 503 || (!error && is_passing(error_code_of(document)));
    if (!passes || !backoff.wait()) return fail(Code::crm_failed, "status {}: {}", answer.status, answer.body.substr(0, 200));
  }
}

}  // namespace

Result<json::array> query_records(HttpClient& client, const std::string& url, const std::string& soql) {
  json::array records;
  std::string path = "/services/data/v60.0/query?q=" + percent_encoded(soql);
  std::uint64_t total = 0;
  for (int pages = 0; !path.empty(); ++pages) {
    if (pages == pages_max) return fail(Code::crm_failed, "more than {} pages: {}", pages_max, soql.substr(0, 200));
    const auto document = ask_page(client, url + path);
    if (!document) return fail(document.error());
    const auto page = take_page(*document, records);
    if (!page) return fail(page.error());
    if (pages == 0) total = page->total;
    path = page->next;
  }
  // A list that breaks off looks like a whole one, and would make orders vanish.
  if (records.size() < total) return fail(Code::crm_failed, "{} records of {}: {}", records.size(), total, soql.substr(0, 200));
  return records;
}

Result<std::vector<ChangedRecord>> query_changed(HttpClient& client, const std::string& url, const std::string& type,
                                                 const ObjectFields& fields, Time since) {
  const auto found = query_records(client, url, query_text(fields, since));
  if (!found) return fail(found.error());
  std::vector<ChangedRecord> records;
  for (const json::value& entry : *found) {
    auto record = read_record(type, entry, fields);
    if (!record) return fail(std::move(record.error()));
    if (record->record.external_id.empty()) return fail(Code::crm_failed, "a record without {}", fields.key);
    records.push_back(std::move(*record));
  }
  return records;
}

}  // namespace backstitch::crm
