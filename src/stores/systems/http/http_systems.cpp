// Systems over HTTP. What an answer means is decided here and nowhere else.
#include <boost/json.hpp>

#include "base/json.h"
#include "base/net/http_client.h"
#include "base/net/percent.h"
#include "base/probe.h"
#include "stores/systems/port.h"

namespace backstitch::systems {
namespace {

std::string name_of(const Target& target) { return target.base.substr(target.base.rfind('/') + 1); }

CallResult judge(const std::string& name, bool asynchronous, const HttpAnswer& answer) {
  if (answer.delivery == Delivery::not_sent) return {CallOutcome::not_taken, name + "/unreachable", {}};
  if (answer.delivery == Delivery::no_answer) return {CallOutcome::unknown, name + "/no-answer", {}};
  const std::string code = name + "/" + std::to_string(answer.status);
  const bool is_json = parse_json(answer.body).has_value();
  const std::string response = is_json ? answer.body : std::string();
  if (asynchronous && answer.status == 202) return {CallOutcome::accepted, code, response};
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

SubjectEffect read_effect(const boost::json::value& value) {
  SubjectEffect effect;
  if (!value.is_object()) return effect;
  const auto& object = value.get_object();
  const auto text = [&](const char* name) {
    const auto* member = object.if_contains(name);
    return member && member->is_string() ? std::string(member->get_string()) : std::string();
  };
  effect.key = text("key"), effect.state = lookup_state(text("state")), effect.digest = text("digest");
  if (const auto* response = object.if_contains("response")) effect.response = write_json(*response);
  if (const auto at = parse_rfc3339(text("at"))) effect.at = *at;
  return effect;
}

// A list that goes on elsewhere, or an effect that cannot be told, would be taken for "nothing was done".
Result<std::vector<SubjectEffect>> read_effects(const std::string& body, const std::string& subject) {
  const auto document = parse_json(body);
  const auto* object = document && document->is_object() ? &document->get_object() : nullptr;
  const auto *items = object ? object->if_contains("items") : nullptr, *next = object ? object->if_contains("next") : nullptr;
  if (!items || !items->is_array() || (next && !next->is_null()))
    return fail(Code::unreachable, "effects of {}: the answer is not whole", subject);
  std::vector<SubjectEffect> effects;
  for (const auto& item : items->get_array()) {
    effects.push_back(read_effect(item));
    if (effects.back().key.empty()) return fail(Code::unreachable, "effects of {}: one without a key", subject);
  }
  return effects;
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
    if (!request.callback_url.empty()) call.headers.emplace_back("Callback-Url", request.callback_url);
    auto judged = [name = name_of(request.target), asynchronous = request.target.asynchronous,
                   done = std::move(done)](const HttpAnswer& answer) {
      hit(Probe::after_send);  // it was taken, and nobody has heard of the answer yet
      done(judge(name, asynchronous, answer));
    };
    client_.call_async(std::move(call), std::move(judged));
  }

  LookupResult look_up(const Target& target, const std::string& key) override {
    const HttpAnswer answer = ask("GET", target.base + "/effects/" + key);
    if (answer.delivery != Delivery::answered) return {};
    if (answer.status == 404) return {LookupState::absent, {}};
    if (answer.status == 410) return {LookupState::expired, {}};
    const auto document = parse_json(answer.body);
    if (answer.status != 200 || !document) return {};
    SubjectEffect effect = read_effect(*document);
    return {effect.state, std::move(effect.response), std::move(effect.digest)};
  }

  Result<std::vector<SubjectEffect>> look_up_subject(const Target& target, const std::string& subject) override {
    const HttpAnswer answer = ask("GET", target.base + "/effects?subject=" + percent_encoded(subject));
    if (answer.delivery != Delivery::answered) return fail(Code::unreachable, "{}: effects of {}", name_of(target), subject);
    if (answer.status != 200) return fail(Code::unreachable, "{}/{}: effects of {}", name_of(target), answer.status, subject);
    return read_effects(answer.body, subject);
  }

  Status settle(const Target& target, const std::string& key, SettleVerb verb) override {
    const HttpAnswer answer = ask("POST", fmt::format("{}/effects/{}/{}", target.base, key, to_text(verb)));
    const std::string what = fmt::format("{} of {}", to_text(verb), key);
    if (answer.delivery != Delivery::answered) return fail(Code::unknown_outcome, "{}/no-answer: {}", name_of(target), what);
    if (answer.status / 100 == 2) return {};
    const bool refused = answer.status / 100 == 4 && answer.status != 408 && answer.status != 429;
    return fail(refused ? Code::decision_invalid : Code::unknown_outcome, "{}/{}: {}", name_of(target), answer.status, what);
  }

 private:
  HttpAnswer ask(const std::string& method, std::string url) {
    HttpCall call;
    call.method = method, call.url = std::move(url), call.timeout_ms = 5'000, call.never_resend = method != "GET";
    return client_.call(call);
  }

  HttpClient client_;
};

}  // namespace

const char* to_text(SettleVerb verb) {
  switch (verb) {
    case SettleVerb::accept: return "accept";
    case SettleVerb::redo: return "redo";
    case SettleVerb::cancel: return "cancel";
  }
  return "";
}

std::unique_ptr<Systems> open_http_systems() { return std::make_unique<HttpSystems>(); }

}  // namespace backstitch::systems
