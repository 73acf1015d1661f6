#include "cli/beside_live.h"

#include <atomic>
#include <csignal>

#include "cli/offline.h"
#include "cli/output.h"
#include "stores/database/private/server.h"

namespace backstitch::cli {
namespace {

// A handler may not take a lock; whoever makes the copy looks at this by the clock.
std::atomic<bool> told_to_stop{false};
void on_signal(int) { told_to_stop = true; }

}  // namespace

Result<BesideLive> BesideLive::open(const Invocation& invocation) {
  auto config = effective_config_of(invocation);
  if (!config) return fail(std::move(config.error()));
  const auto progress = [&invocation](const std::string& words) { say(invocation, words); };
  auto host = RecoveryHost::open_beside(std::move(*config), progress);
  if (!host) return fail(host.error());
  BesideLive out{.host = std::move(*host), .live = {}, .settings = {}};
  const Config& settings = out.host->config();
  auto live = out.host->backups().live();
  if (!live) return fail(std::move(live.error()));
  out.live = std::move(*live);
  if (!database::takes_connections(out.live)) return fail(Code::not_running, "the database of {} does not answer", settings.data);
  out.settings.from_start = invocation.has("--from-start"), out.settings.now = wall_clock();
  out.settings.engine = {settings.default_retries, settings.default_retry_interval_ms};
  out.settings.threads = settings.shard_threads, out.settings.say = progress, out.settings.give_up = &told_to_stop;
  return out;
}

void BesideLive::heed_signals() {
  std::signal(SIGTERM, on_signal);
  std::signal(SIGINT, on_signal);
}

}  // namespace backstitch::cli
