#include "cli/recovery_of.h"

#include "base/files.h"
#include "cli/offline.h"
#include "cli/output.h"

namespace backstitch::cli {

Result<std::unique_ptr<RecoveryHost>> open_recovery_host(const Invocation& invocation) {
  auto config = config_of(invocation);
  if (!config) return fail(std::move(config.error()));
  // What the platform ran with counts, not what a file says now.
  const std::string effective = config->data + "/run/effective.yaml";
  if (file_exists(effective)) {
    auto ran = load_config(effective);
    if (!ran) return fail(std::move(ran.error()));
    ran->data = config->data;
    *config = std::move(*ran);
  }
  return RecoveryHost::open(std::move(*config), [&invocation](const std::string& words) { say(invocation, words); });
}

Result<recovery::Plan> recovery_of(RecoveryHost& host, const Invocation& invocation) {
  if (const std::string id = invocation.argument("RECOVERY"); !id.empty()) return recovery::load_plan(host.safe(), id);
  const auto ids = recovery::recoveries(host.safe());
  if (!ids) return fail(ids.error());
  if (ids->empty()) return fail(Code::recovery_not_found, "no recovery was ever planned here");
  return recovery::load_plan(host.safe(), ids->back());
}

}  // namespace backstitch::cli
