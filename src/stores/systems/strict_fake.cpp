#include "stores/systems/strict_fake.h"

#include <boost/json.hpp>

#include "base/assert.h"
#include "base/json.h"

namespace backstitch::systems {
namespace {

std::string name_of(const Target& target) { return target.base.substr(target.base.rfind('/') + 1); }
CallResult no_answer(const Target& target) { return {CallOutcome::unknown, name_of(target) + "/no-answer", {}}; }

void examine(const CallRequest& request) {
  BS_ASSERT(request.target.base.starts_with("http") && request.target.path.starts_with('/'), "a system has an address");
  BS_ASSERT(!request.target.method.empty() && request.timeout_ms > 0, "a call has a method and an end");
  BS_ASSERT(!request.key.empty() && !request.subject.empty() && request.epoch > 0, "a call says what it is");
  BS_ASSERT(request.body.empty() || parse_json(request.body), "a body is JSON");
}

CallOutcome outcome_of(int status) {
  if (status / 100 == 2) return CallOutcome::done;
  if (status == 429 || status == 503) return CallOutcome::not_taken;
  return status / 100 == 4 && status != 408 ? CallOutcome::refused : CallOutcome::unknown;
}

CallResult result_of(const Target& target, const std::pair<int, std::string>& reply) {
  const auto& [status, body] = reply;
  return {outcome_of(status), fmt::format("{}/{}", name_of(target), status), parse_json(body) ? body : std::string()};
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
  far_->arrive({target.method, path, request.key, request.subject, request.body, std::to_string(request.epoch)});
  if (mood == Far::Mood::hangs) {
    hanging_.push_back({request, std::move(done)});
    return;
  }
  end_of({request, std::move(done)}, mood == Far::Mood::drops ? no_answer(target) : result_of(target, far_->reply()));
}

LookupResult StrictFake::look_up(const Target& target, const std::string& key) {
  BS_ASSERT(target.lookup && !key.empty(), "a system that can be asked, and a key");
  if (far_->mood() == Far::Mood::gone) return {};
  far_->arrive({"GET", "/" + name_of(target) + "/effects/" + key, key, {}, {}, {}});
  if (far_->mood() != Far::Mood::answers) return {};
  const auto [status, body] = far_->reply();
  if (status == 404) return {LookupState::absent, {}};
  if (status == 410) return {LookupState::expired, {}};
  const auto document = parse_json(body);
  if (status != 200 || !document || !document->is_object()) return {};
  const auto& object = document->get_object();
  LookupResult result;
  if (const auto* response = object.if_contains("response")) result.response = write_json(*response);
  for (const auto& [text, state] :
       {std::pair{"done", LookupState::done}, {"failed", LookupState::failed}, {"running", LookupState::running}})
    if (const auto* told = object.if_contains("state"); told && told->is_string() && told->get_string() == text)
      result.state = state;
  return result;
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
