// What is folded again beside the running platform: an audit, the plan of a repair.
#pragma once
#include <memory>

#include "api/recovery_host.h"
#include "cli/verb.h"
#include "recovery/audit/audit.h"

namespace backstitch::cli {

struct BesideLive {
  std::unique_ptr<RecoveryHost> host;
  std::string live;  // connection of the database that is audited
  recovery::AuditSettings settings;
  recovery::AuditSources sources() const { return {host->safe(), host->library(), host->folders(), live, host->backups()}; }

  /// Code::not_running when the database does not answer. `invocation` must outlive it: progress is said by it.
  static Result<BesideLive> open(const Invocation& invocation);
  /// From here on SIGTERM and SIGINT give up in order.
  static void heed_signals();
};

}  // namespace backstitch::cli
