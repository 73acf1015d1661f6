#include "cli/await_archive.h"

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "base/time.h"
#include "cli/client.h"
#include "cli/output.h"
#include "cli/requests.h"

namespace backstitch::cli {
namespace {

constexpr auto poll = std::chrono::milliseconds(50);

}  // namespace

Status await_archive(const Invocation& invocation, safe::Safe& safe, std::int64_t wait_ms_max) {
  auto client = Client::connect(invocation);
  if (!client) return {};
  const auto topic = client->get("/queues/incoming");
  if (!topic) {
    if (topic.error().code != Code::not_running && topic.error().code != Code::unreachable)
      say(invocation, "what came in during the last seconds may be missing: " + topic.error().text());
    return {};
  }
  const auto* partitions = topic->is_object() ? topic->get_object().if_contains("partitions") : nullptr;
  if (!partitions || !partitions->is_array())
    return fail(Code::json_invalid, "GET /queues/incoming: no partitions in the answer");
  const std::int64_t end_ms = monotonic_ms() + wait_ms_max;
  for (const auto& entry : partitions->get_array()) {
    const auto partition = static_cast<Partition>(std::stoul("0" + text_of(entry, "partition")));
    const std::string readable = text_of(entry, "readableEnd");  // an older platform does not say it
    const queue::Offset wanted = std::stoull("0" + (readable.empty() ? text_of(entry, "end") : readable));
    for (;;) {
      const auto archived = safe.archived_end("incoming", partition);
      if (!archived) return fail(archived.error());
      if (*archived >= wanted) break;
      if (monotonic_ms() >= end_ms)
        return fail(Code::timed_out, "incoming of partition {} is archived up to {}, and holds {}", partition, *archived, wanted);
      std::this_thread::sleep_for(poll);
    }
  }
  return {};
}

}  // namespace backstitch::cli
