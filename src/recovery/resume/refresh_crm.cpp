#include "recovery/resume/refresh_crm.h"

#include <boost/json.hpp>

#include "base/hash.h"
#include "base/json.h"
#include "fold/crm_refresh.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr std::int64_t skew_margin_ms = 60'000;  // the CRM's clock is not the database's

queue::Append record_of(const World& world, const CrmFinding& finding) {
  queue::Append append;
  append.topic = "incoming", append.partition = finding.partition, append.key = finding.input.account_id;
  append.schema = crm_refresh_schema, append.mode = queue::ClaimMode::first_only;
  append.claim = "crm-refresh\n" + world.plan.id + "\n" + finding.input.type + "\n" + finding.input.external_id;
  const std::string actor = "recovery " + world.plan.id;
  const CommandId id{first_128(sha256_parts({"command", "crm-refresh", append.claim}))};
  append.value =
      fmt::format("{{\"commandId\":\"{}\",\"actor\":\"{}\"", id.text(), actor) + refresh_members(finding, world.plan.id) + "}";
  append.headers = fmt::format("{{\"bs-actor\":\"{}\"}}", actor);
  return append;
}

Result<CrmFindings> find_changes(World& world, Time since) {
  const auto changes = crm::read_changes(*world.crm, since);
  if (!changes) return fail(changes.error());
  auto shard = world.database->open_shard();
  if (!shard) return fail(std::move(shard.error()));
  return compare_with_crm(*world.database, **shard, world.library, *changes);
}

}  // namespace

Result<json::object> refresh_crm(World& world) {
  if (!world.crm) return json::object{{"configured", false}};
  const Time since = world.plan.time.plus_ms(-skew_margin_ms);
  const auto found = find_changes(world, since);
  if (!found) {
    world.say(fmt::format("the CRM could not be read ({}): crm refresh --since {} does it later", found.error().text(),
                          rfc3339(since)));
    return json::object{{"error", found.error().text()}, {"since", rfc3339(since)}};
  }
  const json::object listed = findings_json(*found);
  // Of the first run: after a kill most of it is folded already, and found no more.
  const std::string evidence = evidence_name(world.plan, "crm-refresh.json");
  if (!world.safe.get(evidence)) BS_TRY(world.safe.put(evidence, write_json(listed)));
  std::vector<queue::Append> batch;
  for (const CrmFinding& finding : found->findings)
    if (!finding.listed_only) batch.push_back(record_of(world, finding));
  const std::size_t inputs = batch.size();
  if (!batch.empty()) {
    const auto appended = world.queue->append(std::move(batch));
    if (!appended) return fail(appended.error());
  }
  const auto count = [&](const char* name) { return listed.at(name).as_array().size(); };
  return json::object{{"since", rfc3339(since)}, {"covered", listed.at("covered")},     {"records", found->records},
                      {"taken", count("taken")}, {"differences", count("differences")}, {"listed", count("listed")},
                      {"inputs", inputs}};
}

}  // namespace backstitch::recovery
