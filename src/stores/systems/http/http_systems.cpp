// Systems over HTTP. What an answer means is decided here and nowhere else.
#include <boost/json.hpp>

#include "base/json.h"
#include "base/net/http_client.h"
#include "base/probe.h"
#include "stores/systems/port.h"

namespace backstitch::systems {
namespace {

std::string name_of(const Target& target) { return target.base.substr(target.base.rfind('/') + 1); }

CallResult judge(const std::string& name, const HttpAnswer& answer) {
  if (answer.delivery == Delivery::not_sent) return {CallOutcome::not_taken, name + "/unreachable", {}};
  if (answer.delivery == Delivery::no_answer) return {CallOutcome::unknown, name + "/no-answer", {}};
  const std::string code = name + "/" + std::to_string(answer.status);
  const bool is_json = parse_json(answer.body).has_value();
  const std::string response = is_json ? answer.body : std::string();
  if (answer.status >= 200 && answer.status < 300) return {CallOutcome::done, code, response};
  if (answer.status == 429 || answer.status == 503) return {CallOutcome::not_taken, code, response};
  if (answer.status >= 400 && answer.status < 500 && answer.status != 408) return {CallOutcome::refused, code, response};
  return {CallOutcome::unknown, code, response};  // a 500 may have been executed
}

LookupState lookup_state(std::string_view text) {
  if (text == "done") return LookupState::done;
  if (text == "failed") return LookupState::failed;
  return text == "running" ? LookupState::running : LookupState::unknown;  // a word we do not know proves nothing
}

class HttpSystems : public Systems {
 public:
  void call(const CallRequest& request, std::function<void(CallResult)> done) override {
    HttpCall call;
    call.method = request.target.method, call.url = request.target.base + request.target.path, call.body = request.body;
    call.timeout_ms = request.timeout_ms, call.never_resend = true;
    call.headers = {{"Content-Type", "application/json"},
                    {"Idempotency-Key", request.key},
                    {"Backstitch-Subject", request.subject},
                    {"Backstitch-Epoch", std::to_string(request.epoch)}};
    client_.call_async(std::move(call), [name = name_of(request.target), done = std::move(done)](HttpAnswer answer) {
      hit(Probe::after_send);  // it was taken, and nobody has heard of the answer yet
      done(judge(name, answer));
    });
  }

  LookupResult look_up(const Target& target, const std::string& key) override {
    HttpCall call;
    call.url = target.base + "/effects/" + key, call.timeout_ms = 5'000;
    const HttpAnswer answer = client_.call(call);
    if (answer.delivery != Delivery::answered) return {};
    if (answer.status == 404) return {LookupState::absent, {}};
    if (answer.status == 410) return {LookupState::expired, {}};
    auto document = parse_json(answer.body);
    if (answer.status != 200 || !document || !document->is_object()) return {};
    const auto& object = document->get_object();
    const auto* state = object.if_contains("state");
    const auto* response = object.if_contains("response");
    return {state && state->is_string() ? lookup_state(state->get_string()) : LookupState::unknown,
            response ? write_json(*response) : std::string()};
  }

 private:
  HttpClient client_;
};

}  // namespace

std::unique_ptr<Systems> open_http_systems() { return std::make_unique<HttpSystems>(); }

}  // namespace backstitch::systems
