#include "standins/org/org.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "standins/common/chance.h"
#include "standins/common/fields.h"
#include "standins/common/routes.h"

namespace backstitch::standin {
namespace {

constexpr std::size_t records_max = 200;

/// Salesforce answers errors of a whole request as a list.
HttpResponse request_error(int status, std::string_view code, std::string_view message) {
  return json_answer(status, boost::json::array{{{"errorCode", code}, {"message", message}}});
}

boost::json::object record_error(std::string_view code, std::string_view message, boost::json::array fields = {}) {
  return {{"success", false},
          {"errors", boost::json::array{{{"statusCode", code}, {"message", message}, {"fields", std::move(fields)}}}}};
}

constexpr std::string_view query_path = "/services/data/v60.0/query";

bool is_composite(const std::vector<std::string>& path) {
  return path.size() == 5 && path[0] == "services" && path[1] == "data" && path[2].starts_with('v') && path[3] == "composite" &&
         path[4] == "sobjects";
}

}  // namespace

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
  if (path == Path{"services", "oauth2", "token"} && request.method == "POST") return token(request);
  if (is_composite(path) && request.method == "PATCH") return take_updates(request);
  if (request.method != "GET") return request_error(404, "NOT_FOUND", "The requested resource does not exist");
  if (path == Path{"live"}) return json_answer(200, boost::json::object{{"live", true}});
  if (path == Path{"ledger", "summary"}) return summary();
  if (request.path == query_path) return query(request, parse_query(request.query_value("q")));
  if (request.path.starts_with(std::string(query_path) + "/"))
    return query(request, parse_locator(std::string_view(request.path).substr(query_path.size() + 1)));
  if (path.size() == 2 && path[0] == "orders") return record("Order", path[1]);
  if (path.size() == 3 && path[0] == "records") return record(path[1], path[2]);
  return request_error(404, "NOT_FOUND", "The requested resource does not exist");
}

HttpResponse Org::token(const HttpRequest& request) const {
  return json_answer(200, boost::json::object{{"access_token", "standin-" + std::to_string(settings_.seed)},
                                              {"instance_url", "http://" + std::string(request.header("host"))},
                                              {"token_type", "Bearer"},
                                              {"issued_at", std::to_string(wall_clock().ms())}});
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
  const auto update = read_update(record.get_object(), wall_clock());
  if (!update)
    return record_error("REQUIRED_FIELD_MISSING", "Required fields are missing: " + update.error().detail,
                        {boost::json::string(update.error().detail)});
  const std::string nth = std::to_string(asked_[update->type + "/" + update->external_id]++);
  if (draw(settings_.seed, {"lock", update->type, update->external_id, nth}) < settings_.lock_rate) {
    ++locked_;
    return record_error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record");
  }
  const bool created = !records_.find(update->type, update->external_id);
  const Arrival arrival = records_.apply(*update);
  ledger_->append(update_line(*update, arrival));
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
                                              {"locked", locked_}});
}

}  // namespace backstitch::standin
