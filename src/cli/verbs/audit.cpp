// audit: the log is folded again beside the running platform and compared with what its database holds.
#include "cli/beside_live.h"
#include "cli/output.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

Result<Answer> audit(const Invocation& invocation) {
  const auto beside = BesideLive::open(invocation);
  if (!beside) return fail(beside.error());
  if (invocation.dry_run)
    return Answer{.schema = "dry-run/1", .text = "would fold the log again beside the running platform and compare\n"};
  BesideLive::heed_signals();
  const auto done = recovery::audit(beside->settings, beside->sources());
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
