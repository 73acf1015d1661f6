// Tasks for workers, on a port of its own ("interfaces" 7). Remote workers hold no database credentials.
#include <algorithm>
#include <boost/json.hpp>

#include "api/routes/routes.h"
#include "base/json.h"

namespace backstitch {
namespace json = boost::json;
namespace {

std::int64_t number(const json::object& body, const char* name, std::int64_t otherwise) {
  const json::value* value = body.if_contains(name);
  return value && value->is_int64() ? value->get_int64() : otherwise;
}

HttpResponse claim(Platform& platform, const json::object& body) {
  auto tasks = platform.broker().claim(body_text(body, "lane"), body_text(body, "worker"),
                                       static_cast<std::size_t>(std::clamp<std::int64_t>(number(body, "max", 1), 0, 1024)),
                                       std::clamp<std::int64_t>(number(body, "waitMs", 0), 0, 30'000));
  if (!tasks) return problem_response(tasks.error());
  std::string out = "{\"tasks\":[";
  for (std::size_t i = 0; i < tasks->size(); ++i) out += (i ? "," : "") + (*tasks)[i];
  out += "]";
  if (const auto brokers = platform.brokers_to_tell(); !brokers.empty())
    out += ",\"brokers\":" + write_json(json::value_from(brokers));
  return json_response(200, out + "}");
}

HttpResponse mark(Platform& platform, const json::object& body) {
  std::vector<std::string> keys;
  if (const json::value* list = body.if_contains("keys"); list && list->is_array())
    for (const json::value& key : list->get_array())
      if (key.is_string()) keys.emplace_back(key.get_string());
  const json::value* resend = body.if_contains("resend");
  auto replies = platform.broker().mark(body_text(body, "worker"), keys, resend && resend->is_bool() && resend->get_bool());
  if (!replies) return problem_response(replies.error());
  std::string out = "{\"marks\":[";
  for (std::size_t i = 0; i < replies->size(); ++i)
    out += fmt::format("{}{{\"key\":\"{}\",\"verdict\":\"{}\",\"markedUs\":{},\"sameRequest\":{}}}", i ? "," : "",
                       (*replies)[i].key, to_text((*replies)[i].verdict), (*replies)[i].marked_at.us, (*replies)[i].same_request);
  return json_response(200, out + "]}");
}

HttpResponse answer(Platform& platform, const json::object& body) {
  std::vector<TaskAnswer> answers;
  if (const json::value* list = body.if_contains("answers"); list && list->is_array())
    for (const json::value& entry : list->get_array()) {
      if (!entry.is_object()) continue;
      const json::object& object = entry.get_object();
      const json::value* response = object.if_contains("response");
      answers.push_back({body_text(object, "key"), body_text(object, "outcome"), body_text(object, "code"),
                         response && !response->is_null() ? write_json(*response) : std::string()});
      if (!call_outcome_from(answers.back().outcome))
        return problem_response({Code::worker_code_failed, "outcome \"" + answers.back().outcome + "\"", {}});
    }
  const Status done = platform.broker().answer(body_text(body, "worker"), answers);
  return done ? json_response(200, "{}") : problem_response(done.error());
}

HttpResponse gone(Platform& platform, const json::object& body) {
  platform.broker().worker_gone(body_text(body, "worker"));
  return json_response(200, "{}");
}

HttpResponse brokers(Platform& platform, const json::object&) {
  return json_response(200, write_json(json::object{{"brokers", json::value_from(platform.brokers_to_tell())}}));
}

HttpResponse depth(Platform& platform, const json::object&) {
  json::object waiting;
  for (const auto& [lane, settings] : platform.config().lanes) waiting[lane] = platform.broker().depth(lane).waiting;
  return json_response(200, write_json(json::object{{"waiting", std::move(waiting)}}));
}

}  // namespace

void add_worker_routes(Router& router, Platform& platform) {
  using Handler = HttpResponse (*)(Platform&, const json::object&);
  auto post = [&](const char* pattern, const char* summary, Handler handler) {
    router.add("POST", pattern, open_to_all, summary, [&platform, handler](const RouteCall& call) {
      auto body = body_object(call.http);
      return body ? handler(platform, *body) : problem_response(body.error());
    });
  };
  post("/tasks:claim", "Take tasks of a lane", claim);
  post("/tasks:mark", "Durable marks before the calls", mark);
  post("/tasks:answer", "Durable answers after the calls", answer);
  post("/tasks:gone", "A worker has ended, as its manager has seen", gone);
  post("/tasks:brokers", "Who hands out tasks", brokers);
  post("/tasks:depth", "How many wait that nobody has claimed", depth);
}

}  // namespace backstitch
