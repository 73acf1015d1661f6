// The ground of the contract of external systems: a port, and a system at the other end that can be told how to behave. A case
// gets both for itself.
#pragma once
#include <future>
#include <map>
#include <mutex>
#include <vector>

#include "base/testing.h"
#include "contract/words.h"
#include "stores/systems/port.h"
#include "stores/systems/strict_fake.h"

namespace backstitch::systems::contract {

using namespace backstitch::contract;

class House {
 public:
  virtual ~House() = default;
  virtual Systems& systems() = 0;
  virtual Far& far() = 0;
  /// Where the system is, or, when it is gone, was. Its name is "keyed".
  virtual std::string base() = 0;
  /// Calls that hang get their answer.
  virtual void release() = 0;
  /// So much time is over; on a real clock it passes by itself.
  virtual void let_pass(std::int64_t ms) = 0;
};
using SystemsCase = Case<House>;

constexpr std::int64_t patient_ms = 20'000, short_ms = 100;
const std::string key = "eff_01ABC.1";

inline CallRequest request_to(House& house, const std::string& call_key = key) {
  CallRequest request;
  request.target.base = house.base();
  request.target.method = "POST", request.target.path = "/v1/provision";
  request.key = call_key, request.subject = "A-1/1/provision", request.body = R"({"bandwidth":500})";
  request.epoch = 3, request.timeout_ms = patient_ms;
  return request;
}

/// A call on its way; knows how often it was answered.
class Sent {
 public:
  Sent(House& house, const CallRequest& request) {
    house.systems().call(request, [state = state_](CallResult result) {
      const std::lock_guard lock(state->mutex);
      state->results.push_back(std::move(result));
    });
  }
  std::size_t answers() const {
    const std::lock_guard lock(state_->mutex);
    return state_->results.size();
  }
  CallResult result() const {
    require(backstitch::testing::wait_until([&] { return answers() > 0; }, patient_ms), "a call was never answered");
    const std::lock_guard lock(state_->mutex);
    return state_->results.front();
  }

 private:
  struct State {
    std::mutex mutex;
    std::vector<CallResult> results;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

inline CallResult call(House& house) { return Sent(house, request_to(house)).result(); }
inline Target settling_target(House& house) {
  Target target;
  target.base = house.base(), target.lookup = true, target.cancel = true;
  return target;
}
inline LookupResult look_up(House& house) { return house.systems().look_up(settling_target(house), key); }
inline void came_to(const CallResult& result, CallOutcome outcome, const std::string& code) {
  same(std::string(to_text(result.outcome)), std::string(to_text(outcome)), "outcome of " + code);
  same(result.code, code, "code");
}
inline void all_come_to(House& house, const std::vector<int>& statuses, CallOutcome outcome) {
  for (const int status : statuses) {
    house.far().answers(status, R"({"status":1})");
    const CallResult result = call(house);
    came_to(result, outcome, fmt::format("keyed/{}", status));
    same(result.response, std::string(R"({"status":1})"), "response");
  }
  same(house.far().arrivals().size(), statuses.size(), "arrivals");
}
inline void looks_like(House& house, LookupState state, const std::string& what) {
  same(static_cast<int>(look_up(house).state), static_cast<int>(state), what);
}

}  // namespace backstitch::systems::contract
