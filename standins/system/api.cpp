#include "standins/system/api.h"

#include <boost/json.hpp>
#include <charconv>

#include "base/json.h"
#include "standins/common/routes.h"

namespace backstitch::standin {
namespace {

constexpr std::string_view key_header = "idempotency-key", subject_header = "backstitch-subject",
                           epoch_header = "backstitch-epoch", callback_header = "callback-url";

HttpResponse no_route() { return error_answer(404, "NO_SUCH_ROUTE", "no such resource"); }

}  // namespace

Result<std::unique_ptr<SystemApi>> SystemApi::open(const SystemSettings& settings) {
  std::vector<Entry> entries;
  auto ledger = Ledger::open(settings.data + "/ledger.jsonl", [&entries](const boost::json::object& line) -> Status {
    auto entry = read_entry(line);
    if (!entry) return fail(std::move(entry.error()));
    entries.push_back(std::move(*entry));
    return {};
  });
  if (!ledger) return fail(std::move(ledger.error()));
  auto api = std::make_unique<SystemApi>();
  api->ledger_ = std::move(*ledger);
  const Policy policies[] = {
      {.name = "keyed", .idempotent = true, .answers_look_ups = true, .key_lifetime_ms = settings.key_lifetime_ms},
      {.name = "lookup", .answers_look_ups = true, .look_up_lag_ms = settings.look_up_lag_ms},
      {.name = "blind"},
      {.name = "later",
       .idempotent = true,
       .answers_look_ups = true,
       .calls_back = true,
       .key_lifetime_ms = settings.key_lifetime_ms},
  };
  for (const Policy& policy : policies)
    api->interfaces_.push_back(std::make_unique<Interface>(policy, settings.seed, *api->ledger_));
  for (const auto& [name, faults] : settings.faults)
    if (Interface* interface = api->find(name)) interface->set_faults(faults);
  for (const Entry& entry : entries)
    if (Interface* interface = api->find(entry.interface)) interface->replay(entry);
  api->callbacks_ = std::make_unique<Callbacks>(*api->find("later"), *api->ledger_);
  return api;
}

Interface* SystemApi::find(std::string_view name) {
  for (const auto& interface : interfaces_)
    if (interface->policy().name == name) return interface.get();
  return nullptr;
}

HttpResponse SystemApi::handle(const HttpRequest& request) {
  HttpResponse response = route(request);
  ledger_->settle();
  if (request.method == "POST") callbacks_->look_again();
  return response;
}

HttpResponse SystemApi::route(const HttpRequest& request) {
  const Path path = split_path(request.path);
  const bool get = request.method == "GET";
  if (path == Path{"live"} && get) return json_answer(200, boost::json::object{{"live", true}});
  if (path == Path{"ledger", "summary"} && get) return summary();
  if (path == Path{"ledger", "subjects"} && get) return subjects(request);
  if (path == Path{"faults"}) return get ? faults() : change_faults(request);
  Interface* interface = path.empty() ? nullptr : find(path[0]);
  return interface ? route_interface(*interface, request, path) : no_route();
}

HttpResponse SystemApi::route_interface(Interface& interface, const HttpRequest& request, const Path& path) {
  if (path.size() >= 2 && path[1] == "effects") return route_effects(interface, request, path);
  if (path.size() != 3 || path[1] != "v1") return no_route();
  if (request.method != "POST") return error_answer(405, "METHOD_NOT_ALLOWED", "operations are called by POST");
  IncomingCall call{.operation = path[2],
                    .key = std::string(request.header(key_header)),
                    .subject = std::string(request.header(subject_header)),
                    .epoch = std::string(request.header(epoch_header)),
                    .body = request.body,
                    .callback_url = std::string(request.header(callback_header))};
  if (call.key.empty() || call.subject.empty())
    return error_answer(400, "HEADER_MISSING", "a call needs the headers Idempotency-Key and Backstitch-Subject");
  if (interface.policy().calls_back && call.callback_url.empty())
    return error_answer(400, "CALLBACK_URL_MISSING", "the result is sent to where the header Callback-Url says");
  return interface.serve(call);
}

HttpResponse SystemApi::route_effects(Interface& interface, const HttpRequest& request, const Path& path) {
  const Time now = wall_clock();
  if (request.method == "GET" && path.size() == 3) return interface.look_up(path[2], now);
  if (request.method == "GET" && path.size() == 2) {
    const std::string subject(request.query_value("subject"));
    return subject.empty() ? error_answer(400, "SUBJECT_MISSING", "give ?subject=") : interface.look_up_subject(subject, now);
  }
  const Verb verb = path.size() == 4 ? verb_from(path[3]) : Verb::none;
  return request.method == "POST" && verb != Verb::none ? interface.settle(path[2], verb, now) : no_route();
}

HttpResponse SystemApi::summary() const {
  boost::json::object interfaces;
  for (const auto& interface : interfaces_) interfaces[interface->policy().name] = interface->summary();
  return json_answer(200, boost::json::object{{"interfaces", std::move(interfaces)}});
}

HttpResponse SystemApi::subjects(const HttpRequest& request) const {
  const std::string_view asked = request.query_value("executed", "1"), only = request.query_value("interface");
  std::int64_t executed_min = 0;
  if (std::from_chars(asked.data(), asked.data() + asked.size(), executed_min).ec != std::errc())
    return error_answer(400, "NOT_A_NUMBER", "?executed= is the least number of executions");
  boost::json::array items;
  for (const auto& interface : interfaces_) {
    if (!only.empty() && interface->policy().name != only) continue;
    for (auto& item : interface->subjects(executed_min)) {
      item.get_object()["interface"] = interface->policy().name;
      items.push_back(std::move(item));
    }
  }
  return json_answer(200, boost::json::object{{"items", std::move(items)}, {"next", nullptr}});
}

HttpResponse SystemApi::faults() const {
  boost::json::object all;
  for (const auto& interface : interfaces_) all[interface->policy().name] = faults_json(interface->faults());
  return json_answer(200, all);
}

/// All or nothing: the document is read to its end before the first fault changes.
HttpResponse SystemApi::change_faults(const HttpRequest& request) {
  const auto document = parse_json(request.body);
  if (!document || !document->is_object()) return error_answer(422, "NOT_AN_OBJECT", "give {\"keyed\":{\"lost\":0.1}}");
  std::vector<std::pair<Interface*, Faults>> changes;
  for (const auto& [name, value] : document->get_object()) {
    Interface* interface = find(std::string(name));
    if (!interface || !value.is_object()) return error_answer(422, "UNKNOWN_INTERFACE", std::string(name));
    const auto faults = read_faults(value.get_object(), interface->faults());
    if (!faults) return error_answer(422, "UNKNOWN_FAULT", faults.error().detail);
    changes.emplace_back(interface, *faults);
  }
  for (const auto& [interface, faults] : changes) interface->set_faults(faults);
  return this->faults();
}

}  // namespace backstitch::standin
