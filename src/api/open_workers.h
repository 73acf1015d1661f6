// Where the workers of a configuration run. The platform keeps them there; a recovery, and whoever stops a platform that was
// killed, end them there.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/config.h"
#include "stores/workers/port.h"

namespace backstitch {

/// On Kubernetes what is made is called backstitch-INSTANCE-ID-LANE; the ID stands in the safe and is drawn the first time, so
/// that two platforms of one name never take each other's workers for their own.
/// `brokers`: of one of several processes, who hands out tasks now.
Result<std::unique_ptr<workers::Workers>> open_workers(const Config& config,
                                                       std::function<std::vector<std::string>()> brokers = {});
/// Ends all there are, whoever started them, and lets nobody take their place; `told` hears of each, with the reason when it is
/// not proven to have ended. An error when it cannot be told who there is; Code::already_running when another process of the
/// instance keeps them.
Status end_workers(const Config& config, std::int64_t grace_ms,
                   const std::function<void(const std::string& name, const Status& ended)>& told);
/// Nobody but an orchestrator can be out of reach.
bool workers_may_be_out_of_reach(const Config& config);
/// Pods are of the whole instance: one of its processes keeps them, and all of them hand out tasks to them.
bool workers_are_of_all(const Config& config);
/// Where workers of this machine ask for tasks.
std::string workers_url(const Config& config, int port);

}  // namespace backstitch
