#include "recovery/repair/repair_plan.h"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "recovery/planner/price.h"
#include "recovery/repair/difference.h"
#include "stores/database/backup/measure.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr std::size_t record_bytes_max = 7 << 20;  // a record of the log has at most 8 MiB
constexpr std::size_t value_shown_max = 300;       // documents are named, not told

std::string plan_name(const std::string& id) { return "repairs/" + id + "/plan.json"; }
std::string members_name(const std::string& id, const std::string& account) {
  return "repairs/" + id + "/" + sha256_hex(account).substr(0, 32) + ".json";
}

json::value shown(const json::value& value) {
  if (!value.is_string() || value.get_string().size() <= value_shown_max) return value;
  return json::value(std::string(utf8_prefix(value.get_string(), value_shown_max)) + "…");
}

std::uint64_t digest_of(const AccountDigests& digests, const std::string& account) {
  const auto found = digests.find(account);
  return found == digests.end() ? 0 : found->second;
}

/// Makes the entries of a plan, one account at a time, and keeps the records beside it.
class Planner {
 public:
  Planner(const RepairRequest& request, const std::string& id, int partitions, safe::Safe& safe)
      : request_(request), id_(id), partitions_(partitions), safe_(safe) {}

  Status look(const BothDatabases& both) {
    auto copy = database::Connection::open(both.copy);
    if (!copy) return fail(std::move(copy.error()));
    BS_TRY(database::prepare_session(*copy));
    std::vector<std::string> chosen = request_.accounts;
    if (chosen.empty()) chosen = differing(both);
    std::sort(chosen.begin(), chosen.end());
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    for (std::size_t i = 0; i < chosen.size() && i < accounts_max; ++i) BS_TRY(look_at(chosen[i], both, *copy));
    left_out_ = static_cast<std::int64_t>(chosen.size() - std::min(chosen.size(), accounts_max));
    return {};
  }

  json::object document(const Audit& audit) {
    const json::object price{{"accounts", repairable_},
                             {"rows", rows_},
                             {"bytes", bytes_},
                             {"inputs", repairable_},
                             {"outageMs", 0},
                             {"restoreMs", audit.restore_ms},
                             {"replayMs", audit.replay.duration_ms},
                             {"compareMs", audit.compare_ms}};
    return {{"schema", "repair.plan/1"},
            {"id", id_},
            {"at", rfc3339(audit.at)},
            {"lsn", audit.lsn},
            {"from", audit.from},
            {"actor", request_.actor},
            {"accounts", std::move(accounts_)},
            {"repairable", repairable_},
            {"refused", refused_},
            {"equal", audit.equal},
            {"differing", audit.differences()},
            {"leftOut", left_out_},
            {"foreignCommits", foreign_json(audit.foreign)},
            {"price", price}};
  }

 private:
  static std::vector<std::string> differing(const BothDatabases& both) {
    std::vector<std::string> out;
    for (const auto& [account, digest] : both.here)
      if (digest_of(both.there, account) != digest) out.push_back(account);
    for (const auto& [account, digest] : both.there)
      if (!both.here.contains(account)) out.push_back(account);
    return out;
  }

  static Result<AccountSide> side(database::Connection& connection, const database::AccountIds& ids) {
    const auto rows = database::account_rows(connection, ids);
    if (!rows) return fail(rows.error());
    return AccountSide::read(*rows);
  }

  static Result<database::AccountIds> ids_of(const std::string& account, database::Connection& live, database::Connection& copy) {
    auto ids = database::account_ids(live, account);
    if (!ids) return ids;
    const auto more = database::account_ids(copy, account);
    if (!more) return fail(more.error());
    for (const auto list : {&database::AccountIds::orders, &database::AccountIds::inventory, &database::AccountIds::assets}) {
      auto& all = (*ids).*list;
      all.insert(all.end(), ((*more).*list).begin(), ((*more).*list).end());
      std::sort(all.begin(), all.end());
      all.erase(std::unique(all.begin(), all.end()), all.end());
    }
    return ids;
  }

  Status look_at(const std::string& account, const BothDatabases& both, database::Connection& copy) {
    const std::uint64_t compared = digest_of(both.here, account), corrected = digest_of(both.there, account);
    const Partition partition = partition_of(account, partitions_);
    json::object entry{{"account", account},
                       {"partition", partition},
                       {"state", "equal"},
                       {"comparedDigest", digest64_text(compared)},
                       {"correctedDigest", digest64_text(corrected)}};
    if (compared != corrected) {
      const auto ids = ids_of(account, both.live, copy);
      if (!ids) return fail(ids.error());
      const auto live = side(both.live, *ids), right = side(copy, *ids);
      if (!live) return fail(live.error());
      if (!right) return fail(right.error());
      BS_TRY(describe(account, *live, *right, both.decided_otherwise, entry));
    }
    accounts_.push_back(std::move(entry));
    return {};
  }

  Status describe(const std::string& account, const AccountSide& live, const AccountSide& corrected,
                  const std::vector<Partition>& decided_otherwise, json::object& entry) {
    AccountDifference difference = compare_rows(account, live, corrected);
    json::object record{
        {"plan", id_}, {"accountId", account}, {"compared", entry["comparedDigest"]}, {"corrected", entry["correctedDigest"]}};
    for (auto& [name, value] : repair_rows(account, difference, live, corrected)) record[name] = std::move(value);
    const std::string members = write_json(record);
    const Partition partition = partition_of(account, partitions_);
    if (std::find(decided_otherwise.begin(), decided_otherwise.end(), partition) != decided_otherwise.end())
      difference.obstacle = fmt::format("partition {} has decided otherwise than its log: not only rows differ", partition);
    else if (members.size() > record_bytes_max)
      difference.obstacle = fmt::format("its rows take {} bytes, more than a record holds", members.size());
    const bool repairable = difference.obstacle.empty();
    entry["state"] = repairable ? "repairable" : "refused";
    if (!repairable) entry["code"] = code_text(Code::repair_refused), entry["why"] = difference.obstacle;
    entry["orders"] = difference.orders.size(), entry["differences"] = difference.rows.size(), entry["bytes"] = members.size();
    json::array rows;
    for (std::size_t i = 0; i < difference.rows.size() && i < rows_named_max; ++i) {
      const RowDifference& row = difference.rows[i];
      rows.push_back(json::object{{"table", row.table},
                                  {"id", row.id},
                                  {"column", row.column.empty() ? json::value(nullptr) : json::value(row.column)},
                                  {"live", shown(row.live)},
                                  {"corrected", shown(row.corrected)}});
    }
    entry["rows"] = std::move(rows);
    ++(repairable ? repairable_ : refused_);
    if (!repairable) return {};
    rows_ += static_cast<std::int64_t>(difference.rows.size()), bytes_ += static_cast<std::int64_t>(members.size());
    return safe_.put(members_name(id_, account), "," + members.substr(1, members.size() - 2));
  }

  const RepairRequest& request_;
  const std::string id_;
  const int partitions_;
  safe::Safe& safe_;
  json::array accounts_;
  std::int64_t repairable_ = 0, refused_ = 0, rows_ = 0, bytes_ = 0, left_out_ = 0;
};

Result<json::object> plan_of(safe::Safe& safe, const std::string& id) {
  const auto content = load_repair(safe, id);
  if (!content) return fail(content.error());
  auto document = parse_json(*content);
  if (!document) return fail(std::move(document.error()));
  if (!document->is_object()) return fail(Code::json_invalid, "a plan is an object");
  return std::move(document->get_object());
}

}  // namespace

std::string repair_id(Time at) {
  std::string text = rfc3339(at);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return "rep-" + text;
}

Result<std::string> plan_repair(const RepairRequest& request, AuditSettings settings, const AuditSources& sources) {
  const std::string id = request.id.empty() ? repair_id(settings.now) : request.id;
  if (const auto there = load_repair(sources.safe, id); there || there.error().code != Code::repair_not_found)
    return fail(there ? Error{Code::usage, "there is a plan " + id + " already", {}} : there.error());
  auto database = database::take_glimpse(sources.live);
  if (!database) return fail(std::move(database.error()));
  Planner planner(request, id, static_cast<int>(database->positions.size()), sources.safe);
  settings.while_both_stand = [&](const BothDatabases& both) { return planner.look(both); };
  const auto audited = audit(settings, sources);
  if (!audited) return fail(audited.error());
  const std::string document = write_json(planner.document(*audited));
  BS_TRY(sources.safe.put(plan_name(id), document));
  return document;
}

Result<std::string> load_repair(safe::Safe& safe, const std::string& id) {
  auto content = safe.get(plan_name(id));
  if (!content && content.error().code == Code::object_not_found) return fail(Code::repair_not_found, "{}", id);
  return content;
}

Result<std::vector<std::string>> repairs(safe::Safe& safe) {
  const auto names = safe.list("repairs/");
  if (!names) return fail(names.error());
  std::vector<std::string> out;
  for (const std::string& name : *names)
    if (name.ends_with("/plan.json")) out.push_back(name.substr(8, name.size() - 8 - 10));
  return out;
}

Result<std::vector<AccountRepair>> load_account_repairs(safe::Safe& safe, const std::string& id,
                                                        const std::vector<std::string>& accounts) {
  const auto plan = plan_of(safe, id);
  if (!plan) return fail(plan.error());
  std::set<std::string> wanted(accounts.begin(), accounts.end());
  std::vector<AccountRepair> out;
  for (const json::value& entry : plan->at("accounts").as_array()) {
    const std::string account(entry.at("account").as_string()), state(entry.at("state").as_string());
    if (wanted.erase(account) == 0 && (!accounts.empty() || state != "repairable")) continue;
    if (state == "equal") return fail(Code::repair_refused, "{} is what its log says", account);
    if (state != "repairable") return fail(Code::repair_refused, "{}: {}", account, std::string(entry.at("why").as_string()));
    auto members = safe.get(members_name(id, account));
    if (!members) return fail(std::move(members.error()));
    out.push_back({account, std::move(*members)});
  }
  if (!wanted.empty()) return fail(Code::repair_not_found, "{} does not speak of account {}", id, *wanted.begin());
  return out;
}

}  // namespace backstitch::recovery
