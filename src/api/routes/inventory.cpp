// Inventory against assets, repaired by an input per account; and the sheet a person restores services from.
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <thread>

#include "api/routes/routes.h"
#include "base/json.h"
#include "recovery/inventory/check.h"
#include "recovery/inventory/sheet.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr std::int64_t repair_wait_ms = 20'000;

struct Repaired {
  std::uint64_t links = 0, applied = 0, refused = 0, open = 0;  // commands but for links
};

/// One command per account: each is decided where the account lives.
std::vector<Intake::AccountCommand> repairs_of(const recovery::InventoryCheck& check, const std::string& reason,
                                               const std::string& key) {
  std::map<std::string, std::string> links;
  for (const recovery::Orphan& orphan : check.orphans) {
    if (!orphan.repairable()) continue;
    std::string& list = links[orphan.account_id];
    list += fmt::format("{}{{\"inventoryId\":\"{}\",\"assetId\":\"{}\"}}", list.empty() ? "" : ",", orphan.inventory->text(),
                        orphan.asset->text());
  }
  std::vector<Intake::AccountCommand> out;
  for (const auto& [account, list] : links)
    out.push_back({account, json_member("accountId", account) + json_member("reason", reason) + ",\"links\":[" + list + "]",
                   key.empty() ? "" : key + " " + account});
  return out;
}

Result<Repaired> repair(Platform& platform, const recovery::InventoryCheck& check, const std::string& actor,
                        const std::string& reason, const std::string& key) {
  Repaired out;
  for (const recovery::Orphan& orphan : check.orphans) out.links += orphan.repairable() ? 1 : 0;
  const std::int64_t end_ms = monotonic_ms() + repair_wait_ms;
  for (auto& received : platform.intake().command_all("inventory-repair", repairs_of(check, reason, key), actor)) {
    if (!received) return fail(std::move(received.error()));
    auto outcome = platform.database().command(received->command);
    for (; !outcome && outcome.error().code == Code::command_not_found && monotonic_ms() < end_ms;
         outcome = platform.database().command(received->command))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (!outcome && outcome.error().code != Code::command_not_found) return fail(std::move(outcome.error()));
    if (!outcome) {
      ++out.open;
      continue;
    }
    const auto document = parse_json(*outcome);
    const bool applied = document && document->is_object() && body_text(document->get_object(), "state") == "applied";
    ++(applied ? out.applied : out.refused);
  }
  return out;
}

HttpResponse check(Platform& platform, const RouteCall& call) {
  auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  const std::string account = body_text(*body, "account");
  auto found = recovery::check_inventory(platform.database(), platform.catalog_library(), account);
  if (!found) return problem_response(found.error());
  if (!body_flag(*body, "repair") || body_flag(*body, "dryRun"))
    return json_response(200, recovery::inventory_check_json(*found));
  if (!call.caller.permissions.may("inventory", "repair"))
    return problem_response({Code::access_denied, call.caller.user + " lacks inventory repair", {}});
  std::string reason = body_text(*body, "reason");
  if (reason.empty()) reason = "inventory check --repair";
  const auto repaired = repair(platform, *found, actor_of(call, *body), reason, std::string(call.http.header("idempotency-key")));
  if (!repaired) return problem_response(repaired.error());
  found = recovery::check_inventory(platform.database(), platform.catalog_library(), account);
  if (!found) return problem_response(found.error());
  std::string answer = recovery::inventory_check_json(*found);
  answer.pop_back();  // what is left stands in it; what was done goes behind it
  return json_response(200, answer + fmt::format(",\"repair\":{{\"links\":{},\"applied\":{},\"refused\":{},\"open\":{}}}}}",
                                                 repaired->links, repaired->applied, repaired->refused, repaired->open));
}

HttpResponse sheet(Platform& platform, const RouteCall& call) {
  const std::string account(call.http.query_value("account"));
  const bool evidence = call.http.query_value("evidence") == "true";
  std::string items;
  auto add = [&](const database::StoredAccount& one) -> Status {
    const std::string entries = recovery::sheet_entries(one);
    items += (items.empty() || entries.empty() ? "" : ",") + entries;
    return {};
  };
  if (!evidence) {
    if (const Status read = recovery::for_each_account(platform.database(), account, add); !read)
      return problem_response(read.error());
  } else {
    const auto archiver = platform.archiver();
    if (!archiver)
      return problem_response({Code::not_running, "another member archives; ask " + platform.api_of_holder("archiver"), {}});
    if (const Status flushed = archiver->flush(); !flushed) return problem_response(flushed.error());
    const auto accounts = recovery::accounts_from_evidence(
        platform.safe(), {platform.config().partitions,
                          {platform.config().default_retries, platform.config().default_retry_interval_ms},
                          account});
    if (!accounts) return problem_response(accounts.error());
    for (const database::StoredAccount& one : *accounts) static_cast<void>(add(one));
  }
  return json_response(200,
                       fmt::format("{{\"from\":\"{}\",\"items\":[{}],\"next\":null}}", evidence ? "evidence" : "rows", items));
}

}  // namespace

void add_inventory_routes(Router& router, Platform& platform) {
  router.add("POST", "/api/v1/inventory/check", {"inventory", "read"},
             "Orphans between inventory and assets; {repair: true} links by reference",
             [&platform](const RouteCall& call) { return check(platform, call); });
  router.add("GET", "/api/v1/inventory/sheet", {"inventory", "read"},
             "What a person needs to restore services; ?evidence=true out of the archive alone",
             [&platform](const RouteCall& call) { return sheet(platform, call); });
}

}  // namespace backstitch
