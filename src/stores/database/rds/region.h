// Instances of a region, as a recovery needs them: asked for, waited for, removed.
#pragma once
#include <functional>
#include <optional>

#include "stores/database/backup/provider.h"
#include "stores/database/rds/instance.h"
#include "stores/database/rds/provider.h"

namespace backstitch::database {

inline constexpr std::int64_t copy_timeout_ms = 8 * 3'600'000, change_timeout_ms = 3'600'000;

/// Identifiers are kept in lower case there.
std::string identifier_of(std::string name);

class RdsRegion {
 public:
  explicit RdsRegion(RdsSettings settings) : settings_(std::move(settings)), api_(settings_.api) {}
  const RdsSettings& settings() const { return settings_; }

  /// What the service refuses is an error with its own words.
  Result<std::string> must(const std::string& action, Pairs parameters, Code code = Code::restore_failed);
  /// Nothing when there is none of that name.
  Result<std::optional<RdsInstance>> find(const std::string& id);
  Result<RdsInstance> get(const std::string& id);  // Code::backup_failed when there is none

  /// Asks more and more seldom until `holds`; an instance that has failed ends it. `what` was waited for, in words.
  Result<RdsInstance> await(const std::string& id, const std::string& what, std::int64_t timeout_ms,
                            const BackupProvider::Say& say, const std::function<bool(const RdsInstance&)>& holds);
  Result<RdsInstance> await_available(const std::string& id, std::int64_t timeout_ms, const BackupProvider::Say& say);

  /// A copy of ours, and waits until it is gone. A success when it is not there; Code::restore_failed when it is none of ours.
  Status remove(const std::string& id);

 private:
  Status await_removal(const std::string& id);
  RdsSettings settings_;
  RdsApi api_;
};

}  // namespace backstitch::database
