// Many records in one request: one result each, in order, also inside a 200; and requests that refer to each other.
#include <boost/json.hpp>
#include <regex>

#include "base/json.h"
#include "standins/common/fields.h"
#include "standins/common/routes.h"
#include "standins/org/query.h"
#include "standins/org/rest.h"

namespace backstitch::standin {
namespace json = boost::json;
namespace {

constexpr std::size_t records_max = 200, requests_max = 25;

std::string type_of(const json::object& record) {
  const auto* attributes = record.if_contains("attributes");
  return attributes && attributes->is_object() ? text_of(attributes->get_object(), "type") : "";
}

std::string id_in(const json::object& record) {
  const std::string id = text_of(record, "id");
  return id.empty() ? text_of(record, "Id") : id;
}

/// `each` for one record; with all_or_none the good ones are taken back when one is bad.
template <class List, class Each>
ApiAnswer for_all(Objects& objects, const List& list, bool all_or_none, bool with_created, Each each) {
  if (list.size() > records_max)
    return refuse(400, "INVALID_INPUT", "record limit reached. cannot submit more than 200 records into this call");
  const std::size_t mark = objects.mark();
  std::vector<ApiResult<Written>> results;
  bool all = true;
  for (const auto& one : list) results.push_back(each(one)), all = all && results.back();
  const bool taken_back = all_or_none && !all;
  if (taken_back) objects.roll_back(mark);
  const ApiFault rolled_back{400,
                             "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                             "Record rolled back because not all records were valid and the request was using AllOrNone header",
                             {}};
  json::array out;
  for (const auto& result : results)
    out.push_back(result && !taken_back ? result_of(*result, with_created) : result_of(result ? rolled_back : result.error()));
  return json_answer(200, out);
}

/// @{reference.member} in texts.
std::string with_references(const std::string& text, const std::map<std::string, json::value>& answers) {
  static const std::regex form(R"(@\{(\w+)\.(\w+)\})");
  std::string out;
  auto last = text.begin();
  for (auto match = std::sregex_iterator(text.begin(), text.end(), form); match != std::sregex_iterator(); ++match) {
    out.append(last, (*match)[0].first);
    last = (*match)[0].second;
    const auto answer = answers.find(match->str(1));
    if (answer != answers.end() && answer->second.is_object()) out += text_of(answer->second.get_object(), match->str(2));
  }
  return out.append(last, text.end());
}

HttpRequest part_request(const json::object& part, const std::map<std::string, json::value>& answers) {
  HttpRequest request{.method = text_of(part, "method"), .path = with_references(text_of(part, "url"), answers)};
  if (const auto* body = part.if_contains("body")) request.body = with_references(write_json(*body), answers);
  if (const auto at = request.path.find('?'); at != std::string::npos) {
    const std::string query = request.path.substr(at + 1);
    request.path.resize(at);
    if (query.starts_with("fields=")) request.query.emplace_back("fields", query.substr(7));
  }
  return request;
}

}  // namespace

ApiAnswer Rest::collection(const ApiCall& call) {
  if (call.method == "DELETE") {
    std::vector<std::string> ids;
    for (std::string_view left = call.request->query_value("ids"); !left.empty();) {
      ids.emplace_back(left.substr(0, left.find(',')));
      left.remove_prefix(std::min(left.size(), ids.back().size() + 1));
    }
    return for_all(objects_, ids, call.request->query_value("allOrNone") == "true", false, [&](const std::string& id) {
      const ObjectType* type = object_type_of_id(id);
      return objects_.remove(type ? type->name : "", id);
    });
  }
  auto document = object_of(call);
  if (!document) return tl::unexpected(document.error());
  if (call.method == "POST" && call.path.size() == 3) {
    json::array out;
    const auto fields = json::value_to<std::vector<std::string>>((*document)["fields"]);
    for (const auto& id : (*document)["ids"].as_array()) {
      const auto row = objects_.live(call.path[2], std::string(id.as_string()));
      out.push_back(row ? json::value(record_of(objects_, **row, fields, call.service)) : json::value(nullptr));
    }
    return json_answer(200, out);
  }
  const json::value* records = document->if_contains("records");
  if (!records || !records->is_array()) return refuse(400, "JSON_PARSER_ERROR", "records is missing");
  const bool upsert = call.method == "PATCH" && call.path.size() == 4;
  if (call.path.size() != 2 && !upsert) return not_found();
  return for_all(objects_, records->get_array(), flag_of(*document, "allOrNone"), upsert,
                 [&](const json::value& one) -> ApiResult<Written> {
                   if (!one.is_object()) return refuse(400, "JSON_PARSER_ERROR", "a record is an object");
                   const json::object& record = one.get_object();
                   if (upsert) return objects_.upsert(call.path[2], call.path[3], text_of(record, call.path[3]), record);
                   if (call.method == "POST") return objects_.create(type_of(record), record);
                   return objects_.update(type_of(record), id_in(record), record);
                 });
}

ApiAnswer Rest::composite(const ApiCall& call) {
  auto document = object_of(call);
  if (!document) return tl::unexpected(document.error());
  const json::value* parts = document->if_contains("compositeRequest");
  if (!parts || !parts->is_array()) return refuse(400, "JSON_PARSER_ERROR", "compositeRequest is missing");
  if (parts->get_array().size() > requests_max)
    return refuse(400, "INVALID_INPUT", "The composite request can hold up to 25 subrequests");
  const std::size_t mark = objects_.mark();
  std::map<std::string, json::value> answers;
  std::vector<std::pair<std::string, HttpResponse>> responses;
  bool all = true;
  for (const auto& one : parts->get_array()) {
    const json::object part = one.is_object() ? one.get_object() : json::object();
    const HttpRequest request = part_request(part, answers);
    std::vector<std::string> path = split_path(request.path);  // services data vNN.N …
    const bool known = path.size() > 3 && path[0] == "services" && path[1] == "data";
    if (known) path.erase(path.begin(), path.begin() + 3);
    const auto answer = known ? route({request.method, call.service, path, &request}) : ApiAnswer(not_found());
    responses.emplace_back(text_of(part, "referenceId"), answer ? *answer : answer_of(answer.error()));
    const auto content = parse_json(responses.back().second.body);
    if (answer && content) answers[responses.back().first] = *content;
    all = all && answer;
  }
  const bool halted = flag_of(*document, "allOrNone") && !all;
  if (halted) objects_.roll_back(mark);
  json::array out;
  for (auto& [reference, response] : responses) {
    if (halted && response.status < 400)
      response = answer_of({400,
                            "PROCESSING_HALTED",
                            "The transaction was rolled back since another operation in the same transaction failed.",
                            {}});
    auto content = parse_json(response.body);
    out.push_back(json::object{{"body", content ? std::move(*content) : json::value(nullptr)},
                               {"httpHeaders", json::object()},
                               {"httpStatusCode", response.status},
                               {"referenceId", reference}});
  }
  return json_answer(200, json::object{{"compositeResponse", std::move(out)}});
}

}  // namespace backstitch::standin
