#include "stores/systems/strict_fake.h"

#include <boost/json.hpp>

#include "base/assert.h"
#include "base/json.h"
#include "base/time.h"

namespace backstitch::systems {
namespace {

std::string name_of(const Target& target) { return target.base.substr(target.base.rfind('/') + 1); }
CallResult no_answer(const Target& target) { return {CallOutcome::unknown, name_of(target) + "/no-answer", {}}; }

void examine(const CallRequest& request) {
  BS_ASSERT(request.target.base.starts_with("http") && request.target.path.starts_with('/'), "a system has an address");
  BS_ASSERT(!request.target.method.empty() && request.timeout_ms > 0, "a call has a method and an end");
  BS_ASSERT(!request.key.empty() && !request.subject.empty() && request.epoch > 0, "a call says what it is");
  BS_ASSERT(request.body.empty() || parse_json(request.body), "a body is JSON");
  BS_ASSERT(request.target.asynchronous == !request.callback_url.empty(), "who calls back is told where, and nobody else");
}

CallOutcome outcome_of(int status, bool asynchronous = false) {
  if (status == 202 && asynchronous) return CallOutcome::accepted;
  if (status / 100 == 2) return CallOutcome::done;
  if (status == 429 || status == 503) return CallOutcome::not_taken;
  return status / 100 == 4 && status != 408 ? CallOutcome::refused : CallOutcome::unknown;
}

CallResult result_of(const Target& target, const std::pair<int, std::string>& reply) {
  const auto& [status, body] = reply;
  return {outcome_of(status, target.asynchronous), fmt::format("{}/{}", name_of(target), status),
          parse_json(body) ? body : std::string()};
}

const char* state_text(LookupState state) {
  if (state == LookupState::done) return "done";
  return state == LookupState::failed ? "failed" : "running";
}

std::string effect_json(const SubjectEffect& effect) {
  boost::json::object object{{"state", state_text(effect.state)}, {"key", effect.key}, {"digest", effect.digest}};
  object["response"] = parse_json(effect.response.empty() ? "null" : effect.response).value();
  if (effect.at.is_set()) object["at"] = rfc3339(effect.at);
  return write_json(object);
}

SubjectEffect effect_from(const boost::json::object& object) {
  const auto text = [&](const char* name) {
    const auto* member = object.if_contains(name);
    return member && member->is_string() ? std::string(member->get_string()) : std::string();
  };
  SubjectEffect effect;
  effect.key = text("key"), effect.digest = text("digest");
  if (const auto* response = object.if_contains("response")) effect.response = write_json(*response);
  for (const auto state : {LookupState::done, LookupState::failed, LookupState::running})
    if (text("state") == state_text(state)) effect.state = state;
  if (const auto at = parse_rfc3339(text("at"))) effect.at = *at;
  return effect;
}

}  // namespace

void Far::answers(int status, const std::string& body) {
  const std::lock_guard lock(mutex_);
  mood_ = Mood::answers, status_ = status, body_ = body;
}

void Far::be(Mood mood) {
  const std::lock_guard lock(mutex_);
  mood_ = mood;
}

Far::Mood Far::mood() const {
  const std::lock_guard lock(mutex_);
  return mood_;
}

std::pair<int, std::string> Far::reply() const {
  const std::lock_guard lock(mutex_);
  return {status_, body_};
}

std::vector<Arrival> Far::arrivals() const {
  const std::lock_guard lock(mutex_);
  return arrivals_;
}

void Far::arrive(Arrival arrival) {
  const std::lock_guard lock(mutex_);
  arrivals_.push_back(std::move(arrival));
}

void Far::knows(const std::string& subject, const SubjectEffect& effect) {
  const std::lock_guard lock(mutex_);
  book_.push_back({subject, effect});
}

void Far::forgets(const std::string& key) {
  const std::lock_guard lock(mutex_);
  for (Known& known : book_) known.forgotten |= known.effect.key == key;
}

std::pair<int, std::string> Far::reply_to(const Arrival& arrival) {
  const std::lock_guard lock(mutex_);
  const auto at = arrival.path.find("/effects");
  if (at == std::string::npos || book_.empty()) return {status_, body_};
  if (!arrival.subject.empty()) return effects_of(arrival.subject);
  const std::string rest = arrival.path.substr(std::min(at + 9, arrival.path.size()));
  const auto slash = rest.find('/');
  for (Known& known : book_) {
    if (known.effect.key != rest.substr(0, slash)) continue;
    if (known.forgotten) return {410, "{}"};
    return slash == std::string::npos ? std::pair{200, effect_json(known.effect)} : settle(known, rest.substr(slash + 1));
  }
  return {404, "{}"};
}

std::pair<int, std::string> Far::effects_of(const std::string& subject) const {
  std::string items;
  for (const Known& known : book_)
    if (known.subject == subject && !known.forgotten) items += (items.empty() ? "" : ",") + effect_json(known.effect);
  return {200, R"({"items":[)" + items + R"(],"next":null})"};
}

std::pair<int, std::string> Far::settle(Known& known, const std::string& verb) const {
  if (verb == "cancel") known.effect.state = LookupState::failed;
  if (verb == "redo") known.effect.state = LookupState::done;
  return {200, effect_json(known.effect)};
}

StrictFake::StrictFake(std::shared_ptr<Far> far) : far_(std::move(far)), thread_([this] { run(); }) {}

StrictFake::~StrictFake() {
  let_pass(INT64_MAX);
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void StrictFake::call(const CallRequest& request, std::function<void(CallResult)> done) {
  examine(request);
  const Target& target = request.target;
  const Far::Mood mood = far_->mood();
  const std::lock_guard lock(mutex_);
  if (mood == Far::Mood::gone)
    return end_of({request, std::move(done)}, {CallOutcome::not_taken, name_of(target) + "/unreachable", {}});
  const std::string path = "/" + name_of(target) + target.path;
  far_->arrive(
      {target.method, path, request.key, request.subject, request.body, std::to_string(request.epoch), request.callback_url});
  if (mood == Far::Mood::hangs) {
    hanging_.push_back({request, std::move(done)});
    return;
  }
  end_of({request, std::move(done)}, mood == Far::Mood::drops ? no_answer(target) : result_of(target, far_->reply()));
}

LookupResult StrictFake::look_up(const Target& target, const std::string& key) {
  BS_ASSERT(target.lookup && !key.empty(), "a system that can be asked, and a key");
  const auto reply = ask({"GET", "/" + name_of(target) + "/effects/" + key, key, {}, {}, {}});
  if (!reply) return {};
  if (reply->first == 404) return {LookupState::absent, {}};
  if (reply->first == 410) return {LookupState::expired, {}};
  const auto document = parse_json(reply->second);
  if (reply->first != 200 || !document || !document->is_object()) return {};
  const SubjectEffect effect = effect_from(document->get_object());
  return {effect.state, effect.response, effect.digest};
}

Result<std::vector<SubjectEffect>> StrictFake::look_up_subject(const Target& target, const std::string& subject) {
  BS_ASSERT(target.lookup && !subject.empty(), "a system that can be asked, and a subject");
  const auto reply = ask({"GET", "/" + name_of(target) + "/effects", {}, subject, {}, {}});
  if (!reply || reply->first != 200) return fail(Code::unreachable, "effects of {}", subject);
  const auto document = parse_json(reply->second);
  if (!document || !document->is_object()) return fail(Code::unreachable, "effects of {}", subject);
  const auto& object = document->get_object();
  const auto *items = object.if_contains("items"), *next = object.if_contains("next");
  if (!items || !items->is_array() || (next && !next->is_null())) return fail(Code::unreachable, "effects of {}", subject);
  std::vector<SubjectEffect> effects;
  for (const auto& item : items->get_array()) {
    effects.push_back(item.is_object() ? effect_from(item.get_object()) : SubjectEffect());
    if (effects.back().key.empty()) return fail(Code::unreachable, "effects of {}: one without a key", subject);
  }
  return effects;
}

Status StrictFake::settle(const Target& target, const std::string& key, SettleVerb verb) {
  BS_ASSERT(!key.empty() && (verb == SettleVerb::cancel ? target.cancel : target.lookup), "a verb that the system declares");
  const auto reply = ask({"POST", fmt::format("/{}/effects/{}/{}", name_of(target), key, to_text(verb)), key, {}, {}, {}});
  if (!reply) return fail(Code::unknown_outcome, "{} of {}", to_text(verb), key);
  if (reply->first / 100 == 2) return {};
  const bool refused = outcome_of(reply->first) == CallOutcome::refused;
  return fail(refused ? Code::decision_invalid : Code::unknown_outcome, "{}: {} of {}", reply->first, to_text(verb), key);
}

// Nothing when no answer comes back, whether or not the question arrived.
std::optional<std::pair<int, std::string>> StrictFake::ask(const Arrival& arrival) {
  if (far_->mood() == Far::Mood::gone) return std::nullopt;
  far_->arrive(arrival);
  if (far_->mood() != Far::Mood::answers) return std::nullopt;
  return far_->reply_to(arrival);
}

void StrictFake::release() {
  const std::lock_guard lock(mutex_);
  for (InAir& call : std::exchange(hanging_, {})) {
    const CallResult result = result_of(call.request.target, far_->reply());
    end_of(std::move(call), result);
  }
}

void StrictFake::let_pass(std::int64_t ms) {
  const std::lock_guard lock(mutex_);
  for (InAir& call : std::exchange(hanging_, {})) {
    if (call.request.timeout_ms > ms) {
      hanging_.push_back(std::move(call));
    } else {
      const CallResult result = no_answer(call.request.target);
      end_of(std::move(call), result);
    }
  }
}

void StrictFake::end_of(InAir call, CallResult result) {
  ended_.emplace_back([done = std::move(call.done), result = std::move(result)] { done(result); });
  wake_.notify_all();
}

void StrictFake::run() {
  std::unique_lock lock(mutex_);
  while (!stop_ || !ended_.empty()) {
    wake_.wait(lock, [this] { return stop_ || !ended_.empty(); });
    for (auto& callback : std::exchange(ended_, {})) {
      lock.unlock();
      callback();
      lock.lock();
    }
  }
}

}  // namespace backstitch::systems
