#include "standins/org/rest.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "standins/common/routes.h"
#include "standins/org/query.h"

namespace backstitch::standin {
namespace json = boost::json;

json::value ApiCall::json() const {
  auto document = parse_json(request->body);
  return document ? std::move(*document) : json::value(nullptr);
}

ApiResult<json::object> object_of(const ApiCall& call) {
  json::value document = call.json();
  if (!document.is_object()) return refuse(400, "JSON_PARSER_ERROR", "Unexpected character or end of the body");
  return std::move(document.get_object());
}

json::object result_of(const Written& written, bool with_created) {
  json::object out{{"id", written.id}, {"success", true}, {"errors", json::array{}}};
  if (with_created) out["created"] = written.created;
  return out;
}

ApiAnswer Rest::handle(const ApiCall& call) {
  if (used_ >= requests_max_) return refuse(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
  ++used_;
  return route(call);
}

ApiAnswer Rest::route(const ApiCall& call) {
  const auto at = [&](std::size_t i) { return i < call.path.size() ? std::string_view(call.path[i]) : std::string_view(); };
  if (at(0) == "limits") return limits();
  if (at(0) == "query" || at(0) == "queryAll") return query(call);
  if (at(0) == "composite" && call.path.size() == 1) return composite(call);
  if (at(0) == "composite" && at(1) == "sobjects") return collection(call);
  if (at(0) == "sobjects" && call.path.size() == 3 && (at(2) == "updated" || at(2) == "deleted")) return changes(call);
  if (at(0) == "sobjects" && call.path.size() == 3 && at(2) == "describe") return describe(call.path[1]);
  if (at(0) == "sobjects" && call.path.size() >= 2) return object(call);
  if (at(0) == "jobs" && at(1) == "ingest")
    return bulk_.handle(call.method, call.service, {call.path.begin() + 2, call.path.end()}, call.request->body);
  return not_found();
}

ApiAnswer Rest::limits() const {
  return json_answer(200, json::object{{"DailyApiRequests", {{"Max", requests_max_}, {"Remaining", requests_max_ - used_}}}});
}

ApiAnswer Rest::query(const ApiCall& call) {
  const bool with_deleted = call.path[0] == "queryAll";
  ApiResult<Page> page =
      first_page(std::string(call.request->query_value("q")), with_deleted, call.request->header("sforce-query-options"));
  if (call.path.size() == 2) page = next_page(call.path[1], with_deleted);
  if (!page) return tl::unexpected(page.error());
  auto answer = answer_query(objects_, *page, call.service);
  if (!answer) return tl::unexpected(answer.error());
  return json_answer(200, *answer);
}

ApiAnswer Rest::describe(const std::string& name) const {
  const ObjectType* type = object_type(name);
  if (!type) return not_found();
  json::array fields;
  for (const std::string& field : type->all_fields())
    fields.push_back(
        json::object{{"name", field}, {"externalId", field == external_id_field}, {"unique", field == external_id_field}});
  return json_answer(200, json::object{{"name", name}, {"keyPrefix", type->prefix}, {"fields", std::move(fields)}});
}

ApiAnswer Rest::object(const ApiCall& call) {
  const std::string& type = call.path[1];
  const auto written = [](const ApiResult<Written>& result, auto answer) -> ApiAnswer {
    if (!result) return tl::unexpected(result.error());
    return answer(*result);
  };
  const auto nothing = [](const Written&) { return HttpResponse{.status = 204}; };
  if (call.path.size() == 3 && call.method == "DELETE") return written(objects_.remove(type, call.path[2]), nothing);
  if (call.method == "GET" && call.path.size() >= 3) {
    const auto* by_name = call.path.size() == 4 ? objects_.by_external(type, call.path[3]) : nullptr;
    if (call.path.size() == 4 && !by_name) return not_found();
    const auto row = by_name ? ApiResult<const ObjectRow*>(by_name) : objects_.live(type, call.path[2]);
    if (!row) return tl::unexpected(row.error());
    std::vector<std::string> fields = object_type(type)->all_fields();
    if (const auto chosen = call.request->query_value("fields"); !chosen.empty()) {
      fields.clear();
      for (std::string_view left = chosen; !left.empty();
           left.remove_prefix(std::min(left.size(), left.find(',') == left.npos ? left.size() : left.find(',') + 1)))
        fields.emplace_back(left.substr(0, left.find(',')));
    }
    return json_answer(200, record_of(objects_, **row, fields, call.service));
  }
  if (!object_type(type)) return not_found();
  auto record = object_of(call);
  if (!record) return tl::unexpected(record.error());
  if (call.method == "POST" && call.path.size() == 2)
    return written(objects_.create(type, std::move(*record)),
                   [](const Written& made) { return json_answer(201, result_of(made, false)); });
  if (call.method == "PATCH" && call.path.size() == 3)
    return written(objects_.update(type, call.path[2], std::move(*record)), nothing);
  if (call.method == "PATCH" && call.path.size() == 4)
    return written(objects_.upsert(type, call.path[2], call.path[3], std::move(*record)),
                   [](const Written& made) { return json_answer(made.created ? 201 : 200, result_of(made, true)); });
  return not_found();
}

}  // namespace backstitch::standin
