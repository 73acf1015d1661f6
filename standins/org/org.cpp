#include "standins/org/org.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "standins/common/fields.h"
#include "standins/common/routes.h"

namespace backstitch::standin {
namespace {

constexpr std::size_t records_max = 200;

HttpResponse request_error(int status, std::string_view code, std::string_view message) {
  return answer_of({status, std::string(code), std::string(message), {}});
}

boost::json::object record_error(std::string_view code, std::string_view message, boost::json::array fields = {}) {
  return {{"success", false},
          {"errors", boost::json::array{{{"statusCode", code}, {"message", message}, {"fields", std::move(fields)}}}}};
}

/// Updates that name their record by ExternalId__c alone.
bool is_update(const ApiCall& call) {
  if (call.method != "PATCH" || call.path != std::vector<std::string>{"composite", "sobjects"}) return false;
  const auto document = call.json();
  const auto* records = document.is_object() ? document.get_object().if_contains("records") : nullptr;
  const auto* first = records && records->is_array() && !records->get_array().empty() ? &records->get_array().front() : nullptr;
  return !first || !first->is_object() || (!first->get_object().contains("id") && !first->get_object().contains("Id"));
}

}  // namespace

Org::Org(const OrgSettings& settings)
    : settings_(settings),
      faults_(settings.faults),
      login_(settings.login),
      objects_(settings.clock,
               [this](const std::string& type, const std::string& name) { return faults_.for_record(type, name); }),
      rest_(objects_, settings.clock, settings.requests_max) {}

Result<std::unique_ptr<Org>> Org::open(const OrgSettings& settings) {
  std::unique_ptr<Org> org(new Org(settings));
  auto ledger =
      Ledger::open(settings.data + "/ledger.jsonl", [&org](const boost::json::object& line) { return org->replay(line); });
  if (!ledger) return fail(std::move(ledger.error()));
  org->ledger_ = std::move(*ledger);
  return org;
}

HttpResponse Org::handle(const HttpRequest& request) {
  HttpResponse response = route(request);
  ledger_->settle();
  return response;
}

HttpResponse Org::route(const HttpRequest& request) {
  using Path = std::vector<std::string>;
  const Path path = split_path(request.path);
  if (path == Path{"services", "oauth2", "token"} && request.method == "POST") return login_.token(request);
  if (request.path.starts_with("/services/Soap/u/") && request.method == "POST") return login_.soap(request);
  if (path.size() > 3 && path[0] == "services" && path[1] == "data") return service(request, path);
  if (request.method != "GET") return request_error(404, "NOT_FOUND", "The requested resource does not exist");
  if (path == Path{"live"}) return json_answer(200, boost::json::object{{"live", true}});
  if (path == Path{"ledger", "summary"}) return summary();
  if (path.size() == 2 && path[0] == "orders") return record("Order", path[1]);
  if (path.size() == 3 && path[0] == "records") return record(path[1], path[2]);
  return request_error(404, "NOT_FOUND", "The requested resource does not exist");
}

HttpResponse Org::service(const HttpRequest& request, std::vector<std::string> path) {
  if (!login_.let_in(request)) return request_error(401, "INVALID_SESSION_ID", "Session expired or invalid");
  if (const auto fault = faults_.for_request()) return answer_of(*fault);
  const std::string service = "/services/data/" + path[2];
  path.erase(path.begin(), path.begin() + 3);
  const ApiCall call{request.method, service, std::move(path), &request};
  if (is_update(call)) return take_updates(request);
  const std::lock_guard lock(mutex_);
  auto answer = rest_.handle(call);
  commit();
  HttpResponse response = answer ? std::move(*answer) : answer_of(answer.error());
  response.headers.emplace_back("Sforce-Limit-Info", rest_.usage());
  return response;
}

/// What a client changed becomes lines of the ledger; where a platform's place moved on, an update of its own, too.
void Org::commit() {
  for (const ObjectRow& row : objects_.commit()) {
    ledger_->append(object_line(row));
    const auto place = place_of(row.fields);
    if (!place || row.deleted || place->second > INT64_MAX || row.external_id().empty()) continue;
    Update update{row.type,
                  row.external_id(),
                  static_cast<std::int64_t>(place->first),
                  static_cast<std::int64_t>(place->second),
                  text_of(row.fields, "Status"),
                  canonical_json(row.fields),
                  row.modified};
    const Records::Record* known = records_.find(row.type, update.external_id);
    if (place->first == 0 ||
        (known && std::pair(known->last.epoch, known->last.version) >= std::pair(update.epoch, update.version)))
      continue;
    ledger_->append(update_line(update, records_.apply(update)));
  }
}

std::optional<boost::json::object> Org::fields_of(const std::string& type, const std::string& external_id) const {
  const std::lock_guard lock(mutex_);
  const ObjectRow* row = objects_.by_external(type, external_id);
  return row ? std::optional(row->fields) : std::nullopt;
}

HttpResponse Org::take_updates(const HttpRequest& request) {
  const auto document = parse_json(request.body);
  if (!document || !document->is_object()) return request_error(400, "JSON_PARSER_ERROR", "the body is not a JSON object");
  const auto& body = document->get_object();
  const auto* records = body.if_contains("records");
  if (!records || !records->is_array()) return request_error(400, "JSON_PARSER_ERROR", "records is missing");
  if (records->get_array().size() > records_max)
    return request_error(400, "LIMIT_EXCEEDED", "record limit reached. cannot submit more than 200 records into this call");
  if (flag_of(body, "allOrNone")) return request_error(400, "INVALID_INPUT", "allOrNone is not part of this stand-in");
  boost::json::array results;
  std::lock_guard lock(mutex_);
  for (const auto& record : records->get_array()) results.push_back(take_update(record));
  return json_answer(200, results);
}

boost::json::object Org::take_update(const boost::json::value& record) {
  if (!record.is_object()) return record_error("JSON_PARSER_ERROR", "a record is an object");
  const auto update = read_update(record.get_object(), settings_.clock());
  if (!update)
    return record_error("REQUIRED_FIELD_MISSING", "Required fields are missing: " + update.error().detail,
                        {boost::json::string(update.error().detail)});
  if (const auto fault = faults_.for_record(update->type, update->external_id)) return result_of(*fault);
  const bool created = !records_.find(update->type, update->external_id);
  const Arrival arrival = records_.apply(*update);
  ledger_->append(update_line(*update, arrival));
  if (arrival == Arrival::applied)
    objects_.put(update->type, update->external_id, parse_json(update->fields).value().as_object(), update->at);
  boost::json::object result{{"id", records_.find(update->type, update->external_id)->id},
                             {"success", true},
                             {"errors", boost::json::array{}},
                             {"created", created}};
  if (arrival == Arrival::stale) result["stale"] = true;
  return result;
}

HttpResponse Org::record(const std::string& type, const std::string& external_id) const {
  std::lock_guard lock(mutex_);
  const Records::Record* found = records_.find(type, external_id);
  return found ? json_answer(200, Records::record_json(*found))
               : request_error(404, "NOT_FOUND", "The requested resource does not exist");
}

HttpResponse Org::summary() const {
  std::lock_guard lock(mutex_);
  const auto ended = static_cast<std::int64_t>(acknowledged_.size() + rejected_.size());
  return json_answer(200, boost::json::object{{"orders",
                                               {{"given", given_},
                                                {"submissions", submissions_},
                                                {"acknowledged", acknowledged_.size()},
                                                {"rejected", rejected_.size()},
                                                {"open", std::max<std::int64_t>(0, given_ - ended)}}},
                                              {"records", records_.summary()},
                                              {"locked", faults_.locked()}});
}

}  // namespace backstitch::standin
