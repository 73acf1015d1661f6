#include "cli/evidence_left.h"

#include "api/open_stores.h"
#include "cli/client.h"
#include "cli/output.h"
#include "cli/requests.h"
#include "recovery/capture/time_left.h"

namespace backstitch::cli {

boost::json::array evidence_left(const Invocation& invocation, RecoveryHost& host, Time since) {
  auto client = Client::connect(invocation);
  auto asked = client ? client->get(with_query("/recovery/evidence", {{"since", rfc3339(since)}}))
                      : Result<boost::json::value>(fail(client.error()));
  if (asked) return items_of(*asked);
  recovery::TimeLeftSources sources{.since = since,
                                    .now = wall_clock(),
                                    .held_since = {},
                                    .queue = nullptr,
                                    .safe = host.safe(),
                                    .folders = host.folders(),
                                    .provider = &host.backups()};
  const auto lock = FolderLock::take(host.config().data + "/LOCK");
  if (!lock) {
    say(invocation, "how long the queues keep their records is not known: " + asked.error().text());
    return recovery::time_left(sources);
  }
  const auto queue = open_queue(host.config(), host.safe());
  if (!queue) say(invocation, "how long the queues keep their records is not known: " + queue.error().text());
  if (queue) sources.queue = queue->get();
  return recovery::time_left(sources);
}

}  // namespace backstitch::cli
