// audit: the log is folded again beside the running platform and compared with what its database holds.
#include <csignal>

#include "api/recovery_host.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/verbs/verbs.h"
#include "recovery/audit/audit.h"
#include "stores/database/private/server.h"

namespace backstitch::cli {
namespace {

// A handler may not take a lock; whoever makes the copy looks at this by the clock.
std::atomic<bool> told_to_stop{false};
void on_signal(int) { told_to_stop = true; }

Result<Answer> audit(const Invocation& invocation) {
  auto config = effective_config_of(invocation);
  if (!config) return fail(std::move(config.error()));
  const auto progress = [&invocation](const std::string& words) { say(invocation, words); };
  const auto host = RecoveryHost::open(std::move(*config), progress);
  if (!host) return fail(host.error());
  const std::string live = database::socket_connection((*host)->folders().sockets);
  if (!database::takes_connections(live))
    return fail(Code::not_running, "the database of {} does not answer", (*host)->config().data);
  recovery::AuditSettings settings{.from_start = invocation.has("--from-start"), .now = wall_clock()};
  settings.engine = {(*host)->config().default_retries, (*host)->config().default_retry_interval_ms};
  settings.threads = (*host)->config().shard_threads, settings.say = progress, settings.give_up = &told_to_stop;
  if (invocation.dry_run)
    return Answer{.schema = "dry-run/1", .text = "would fold the log again beside the running platform and compare\n"};
  std::signal(SIGTERM, on_signal);
  std::signal(SIGINT, on_signal);
  const auto done = recovery::audit(settings, {(*host)->safe(), (*host)->library(), (*host)->folders(), live});
  if (!done) return fail(done.error());
  const Status found = recovery::verdict(*done);
  Answer answer{.schema = "audit/1", .data = recovery::audit_json(*done), .text = recovery::audit_text(*done)};
  if (!found) answer.exit_status = info(found.error().code).exit_status, answer.notices.push_back(found.error().text());
  return answer;
}

}  // namespace

std::vector<Verb> audit_verbs() {
  return {{"audit",
           "",
           "fold the log again and compare account by account; exit status 1 when the database differs",
           {},
           {{"--from-start", "", "all of history into an empty database, not only what lies behind the oldest backup"}},
           {"audit", "audit --from-start", "audit --json"},
           audit}};
}

}  // namespace backstitch::cli
