// Draining a derived queue into the evidence; outside a recovery only with force.
#include <boost/json.hpp>
#include <charconv>

#include "api/routes/routes.h"
#include "recovery/drain/drain.h"

namespace backstitch {
namespace {

Result<recovery::DrainSettings> settings_of(const boost::json::object& body) {
  recovery::DrainSettings settings;
  settings.force = body_flag(body, "force"), settings.dry_run = body_flag(body, "dryRun");
  if (const std::string to = body_text(body, "to"); !to.empty()) {
    queue::Offset offset = 0;
    const auto read = std::from_chars(to.data(), to.data() + to.size(), offset);
    if (read.ptr != to.data() + to.size() || offset == 0) return fail(Code::usage, "\"to\" is an offset, not \"{}\"", to);
    settings.to = offset;
  }
  return settings;
}

HttpResponse drain(Platform& platform, const RouteCall& call) {
  auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  auto settings = settings_of(*body);
  if (!settings) return problem_response(settings.error());
  const std::string topic(call["name"]);
  std::string label = body_text(*body, "label");
  if (label.empty()) label = recovery::drain_label(platform.epoch(), wall_clock());
  if (topic == "order_orderitems")
    settings->move_reader = [&platform](const recovery::Ends& ends) -> Status {
      // A running CRM sync holds its position in memory; without one, the rows are all there is.
      if (const auto crm = platform.crm_sync()) return crm->pass_over(ends), Status();
      if (const std::string other = platform.api_of_holder(roles::crm_sync); !other.empty())
        return fail(Code::not_running, "another member brings it to the CRM; ask {}", other);
      return platform.database().store_crm_positions(ends);
    };
  const auto drained = recovery::drain(platform.queue(), platform.safe(), label, topic, *settings);
  return drained ? json_response(200, recovery::drained_json(*drained)) : problem_response(drained.error());
}

}  // namespace

void add_drain_routes(Router& router, Platform& platform) {
  router.add("POST", "/api/v1/queues/{name}/drain", {"queues", "drain"},
             "A derived queue to its noted end into the evidence, then moved (BS-4108)",
             [&platform](const RouteCall& call) { return drain(platform, call); });
}

}  // namespace backstitch
