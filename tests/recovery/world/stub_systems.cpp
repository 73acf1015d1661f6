#include "world/stub_systems.h"

#include <fmt/core.h>

namespace backstitch::world {
namespace {

systems::CallResult success(const std::string& key) {
  return {CallOutcome::done, "stub/200", fmt::format("{{\"circuitId\":\"C-{0}\",\"tenantId\":\"T-{0}\"}}", key)};
}

}  // namespace

void StubSystems::call(const systems::CallRequest& request, std::function<void(systems::CallResult)> done) {
  systems::CallResult result = success(request.key);
  {
    const std::lock_guard lock(mutex_);
    ++calls_;
    keys_of_[request.subject].insert(request.key);
    const bool in_trouble = std::uniform_real_distribution<>(0, 1)(random_) < trouble_;
    bool& executed = executed_[request.key];
    if (!in_trouble)
      executed = true;
    else if (const auto dice = random_() % 10; dice < 5)
      result = {CallOutcome::refused, fmt::format("stub/{}", 400 + dice), "{\"why\":\"dice\"}"};
    else if (dice < 8)
      result = {CallOutcome::not_taken, "stub/503", {}};
    else  // the answer is lost, half of the time after the act
      result = {CallOutcome::unknown, "stub/no-answer", {}}, executed = executed || random_() % 2 == 0;
  }
  done(std::move(result));
}

systems::LookupResult StubSystems::look_up(const systems::Target&, const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = executed_.find(key);
  if (found == executed_.end() || !found->second) return {systems::LookupState::absent, {}};
  return {systems::LookupState::done, success(key).response};
}

Result<std::vector<systems::SubjectEffect>> StubSystems::look_up_subject(const systems::Target&, const std::string& subject) {
  const std::lock_guard lock(mutex_);
  std::vector<systems::SubjectEffect> effects;
  for (const std::string& key : keys_of_[subject])
    if (executed_[key]) effects.push_back({key, systems::LookupState::done, {}, success(key).response, {}});
  return effects;
}

Status StubSystems::settle(const systems::Target&, const std::string& key, systems::SettleVerb verb) {
  const std::lock_guard lock(mutex_);
  if (verb == systems::SettleVerb::cancel) executed_[key] = false;
  return {};
}

std::uint64_t StubSystems::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::set<std::string> StubSystems::keys_sent() const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> keys;
  for (const auto& [key, executed] : executed_) keys.insert(key);
  return keys;
}

}  // namespace backstitch::world
