#include "standins/org/faults.h"

#include "standins/common/chance.h"

namespace backstitch::standin {

std::optional<ApiFault> Faults::for_record(const std::string& type, const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const auto told = told_.find(name); told != told_.end()) return told->second;
  const std::string nth = std::to_string(asked_[type + "/" + name]++);
  if (draw(settings_.seed, {"lock", type, name, nth}) >= settings_.lock_rate) return std::nullopt;
  ++locked_;
  return ApiFault{400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", {}};
}

std::optional<ApiFault> Faults::for_request() {
  const std::lock_guard lock(mutex_);
  const std::string nth = std::to_string(requests_++);
  if (draw(settings_.seed, {"limit", nth}) < settings_.limit_rate)
    return ApiFault{403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", {}};
  if (draw(settings_.seed, {"away", nth}) < settings_.away_rate)
    return ApiFault{503, "SERVER_UNAVAILABLE", "We are down for maintenance.", {}};
  return std::nullopt;
}

void Faults::answer(const std::string& name, const std::optional<ApiFault>& fault) {
  const std::lock_guard lock(mutex_);
  told_.erase(name);
  if (fault) told_[name] = *fault;
}

std::int64_t Faults::locked() const {
  const std::lock_guard lock(mutex_);
  return locked_;
}

}  // namespace backstitch::standin
