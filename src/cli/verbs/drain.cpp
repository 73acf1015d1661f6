// queue drain: also with the platform down, its folder held meanwhile.
#include <boost/json.hpp>

#include "api/open_stores.h"
#include "base/json.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"
#include "recovery/drain/drain.h"
#include "stores/database/postgres/database.h"

namespace backstitch::cli {
namespace {

using boost::json::object;
using boost::json::value;

constexpr const char* down_notice = "the platform is down: drained in the data folder";

Result<recovery::DrainSettings> settings_of(const Invocation& invocation) {
  recovery::DrainSettings settings;
  settings.force = invocation.has("--force"), settings.dry_run = invocation.dry_run;
  if (!invocation.has("--to")) return settings;
  char* end = nullptr;
  const std::string to = invocation.option("--to");
  settings.to = std::strtoull(to.c_str(), &end, 10);
  if (*end != '\0' || *settings.to == 0) return fail(Code::usage, "--to takes an offset, not \"{}\"", to);
  return settings;
}

/// The CRM's position stands in PostgreSQL, which is started for it.
Status store_positions(const OfflineFolder& folder, const recovery::Ends& ends) {
  return folder.with_database(
      [&](const std::string& connection) { return database::make_postgres_database({connection})->store_crm_positions(ends); });
}

Result<value> drain_folder(const Invocation& invocation, recovery::DrainSettings settings, const Error& because,
                           std::vector<std::string>& notices) {
  const auto folder = OfflineFolder::open(invocation, because);
  if (!folder) return fail(folder.error());
  const Config& config = folder->config();
  const auto safe = open_safe(config);
  if (!safe) return fail(safe.error());
  const auto queue = open_queue(config, **safe);
  if (!queue) return fail(queue.error());
  const auto epoch = (*safe)->epoch();
  if (!epoch) return fail(epoch.error());
  const std::string topic = invocation.argument("QUEUE");
  notices.emplace_back(down_notice);
  if (topic == "order_orderitems" && epoch->open)
    settings.move_reader = [&](const recovery::Ends& ends) { return store_positions(*folder, ends); };
  if (topic == "order_orderitems" && !epoch->open)
    notices.emplace_back("a recovery is under way: it moves the CRM's position itself");
  const auto drained = recovery::drain(**queue, **safe, invocation.option("--label", recovery::drain_label(*epoch, wall_clock())),
                                       topic, settings);
  if (!drained) return fail(drained.error());
  return parse_json(recovery::drained_json(*drained));
}

Result<value> drain_live(const Invocation& invocation) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  object body{{"actor", invocation.actor}, {"force", invocation.has("--force")}, {"dryRun", invocation.dry_run}};
  if (invocation.has("--label")) body["label"] = invocation.option("--label");
  if (invocation.has("--to")) body["to"] = invocation.option("--to");
  return client->post("/queues/" + percent_encode(invocation.argument("QUEUE")) + "/drain", write_json(body));
}

Result<Answer> queue_drain(const Invocation& invocation) {
  const std::string topic = invocation.argument("QUEUE");
  const auto settings = settings_of(invocation);
  if (!settings) return fail(settings.error());
  if (!invocation.dry_run && recovery::moves_when_drained(topic))
    BS_TRY(confirm(invocation, fmt::format("The records of {} leave the queue; the evidence keeps them.", topic)));
  Answer answer{.schema = "queue.drain/1"};
  auto drained = drain_live(invocation);
  if (!drained && may_go_offline(invocation, drained.error()))
    drained = drain_folder(invocation, *settings, drained.error(), answer.notices);
  if (!drained) return fail(std::move(drained.error()));
  answer.data = write_json(*drained);
  answer.text = fmt::format("{} records of {}{} {}\n", text_of(*drained, "records"), topic,
                            invocation.dry_run ? " would go to" : " in", text_of(*drained, "file"));
  answer.text +=
      table_of(drained->at("partitions").as_array(),
               {{"PARTITION", "partition"}, {"FROM", "from"}, {"END", "end"}, {"RECORDS", "records"}, {"LOST", "lost"}});
  if (invocation.dry_run)
    answer.notices.emplace_back("nothing was written or moved");
  else if (text_of(*drained, "moved") != "yes")
    answer.notices.push_back(topic == "completer" ? "the records stay: they are archived, and the shards hold their position"
                                                  : "retention is held: the records stay in the queue as well");
  return answer;
}

}  // namespace

std::vector<Verb> drain_verbs() {
  return {{"queue",
           "drain",
           "read a derived queue to its noted end into the evidence, then move it",
           {{"QUEUE", "completer, schedule, order_orderitems, tasks.<lane>"}},
           {{"--label", "LABEL", "name of the evidence (default: the recovery's, else one by time)"},
            {"--to", "OFFSET", "read no partition further than here"},
            {"--force", "", "also when no recovery is under way"}},
           {"queue drain completer --dry-run", "queue drain order_orderitems --label rec-20261127T031500Z --yes",
            "queue drain schedule --force --yes --json"},
           queue_drain}};
}

}  // namespace backstitch::cli
