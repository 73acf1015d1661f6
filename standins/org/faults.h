// What goes wrong at an org now and then, by seed: locked rows, spent limits, an instance that is away, tokens that end.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "standins/org/api_fault.h"

namespace backstitch::standin {

struct FaultSettings {
  std::uint64_t seed = 1;
  double lock_rate = 0;   // share of records answered UNABLE_TO_LOCK_ROW
  double limit_rate = 0;  // share of requests answered 403 REQUEST_LIMIT_EXCEEDED
  double away_rate = 0;   // share of requests answered 503
};

/// Thread-safe.
class Faults {
 public:
  explicit Faults(const FaultSettings& settings) : settings_(settings) {}
  std::optional<ApiFault> for_record(const std::string& type, const std::string& name);
  std::optional<ApiFault> for_request();
  /// What a record with this name is answered from now on; none: as the rates say.
  void answer(const std::string& name, const std::optional<ApiFault>& fault);
  std::int64_t locked() const;
  const FaultSettings& settings() const { return settings_; }

 private:
  const FaultSettings settings_;
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t> asked_;  // times a record was tried, for the draw of a lock
  std::map<std::string, ApiFault> told_;
  std::int64_t requests_ = 0, locked_ = 0;
};

}  // namespace backstitch::standin
