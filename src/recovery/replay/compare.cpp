#include "recovery/replay/compare.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

#include "base/hash.h"
#include "base/json.h"
#include "engine/engine_name.h"
#include "recovery/capture/evidence.h"
#include "recovery/prepared/prepared.h"
#include "recovery/replay/freed.h"
#include "recovery/replay/other_engines.h"
#include "stores/database/backup/measure.h"
#include "stores/database/postgres/digests.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr std::size_t named_max = 1000;

using Digests = std::map<std::string, std::string>;

Result<Digests> digests_before(World& world) {
  const auto content = world.safe.get(evidence_name(world.plan, accounts_before));
  if (!content && content.error().code == Code::object_not_found) return Digests();
  if (!content) return fail(content.error());
  Digests out;
  std::istringstream lines(*content);
  for (std::string line; std::getline(lines, line);) {
    const auto document = parse_json(line);
    if (!document) return fail(document.error());
    out[json::value_to<std::string>(document->at("account"))] = json::value_to<std::string>(document->at("digest"));
  }
  return out;
}

Result<Digests> all_digests(World& world) {
  Digests out;
  BS_TRY(world.database->account_digests(
      [&](const std::string& account, std::uint64_t digest) { out[account] = digest64_text(digest); }));
  return out;
}

/// What was prepared, and the rest as it is now; all of it where that is less work.
Result<Digests> digests_after(World& world) {
  constexpr std::size_t share = 4;  // beyond a quarter of the accounts, all of them cost less
  if (!world.standing) return all_digests(world);
  std::set<std::string> others = world.standing->tail.accounts;
  others.insert(world.standing->prepared.open.begin(), world.standing->prepared.open.end());
  if (others.size() * share > world.standing->prepared.accounts.size()) return all_digests(world);
  auto session = database::Connection::open(world.copy->connection());
  if (!session) return fail(std::move(session.error()));
  BS_TRY(database::prepare_session(*session));
  Digests out;
  for (const auto& [name, account] : world.standing->prepared.accounts) out[name] = digest64_text(account.digest);
  BS_TRY(database::account_digests_of(
      *session, {others.begin(), others.end()},
      [&](const std::string& account, std::uint64_t digest) { out[account] = digest64_text(digest); }));
  return out;
}

/// Partitions whose chain of decisions is, at the same place, what it was live.
Result<std::set<Partition>> exact_partitions(World& world) {
  const auto positions = world.database->positions();
  if (!positions) return fail(positions.error());
  std::set<Partition> out;
  for (const database::Position& at : *positions) {
    std::string live;
    BS_TRY(world.safe.read_turns(at.partition, [&](std::uint64_t, const std::string& line) {
      live = line;
      return true;
    }));
    if (live.empty()) {
      out.insert(at.partition);  // nothing was ever decided there
      continue;
    }
    const auto turn = parse_json(live);
    if (!turn) return fail(turn.error());
    const json::value* digest = turn->as_object().if_contains("decisionDigest");
    if (digest && digest->is_string() && digest->get_string() == digest64_text(at.decision_digest)) out.insert(at.partition);
  }
  return out;
}

/// "asset update", not "public.notes insert": a table that the digests are taken over, or that decisions rest on.
bool is_of_ours(const std::string& rows) { return rows.find('.') == std::string::npos; }

/// Where the history begins that holds all commits behind T; not set when nobody knows.
Result<database::Lsn> before_window(World& world) {
  if (world.plan.before.is_set() || !world.plan.until.is_set()) return world.plan.before;
  const auto backups = provider_of(world).backups();
  if (!backups) return fail(backups.error());
  for (const database::BackupInfo& backup : *backups)
    if (backup.label == world.plan.backup && !backup.end_lsn.empty()) return database::Lsn::parse(backup.end_lsn);
  return database::Lsn();
}

/// Somebody wrote past the engine into our tables behind T: whatever was decided since, of any account, may rest on his rows.
Result<bool> written_past(World& world) {
  const auto begin = before_window(world);
  if (!begin) return fail(begin.error());
  if (!begin->is_set()) return false;
  const auto history = provider_of(world).history_from(*begin, world.say);
  if (!history) return fail(history.error());
  if (!*history) return false;
  const auto foreign = (*history)->foreign_commits(*begin, world.copy->connection());
  if (!foreign) return fail(foreign.error());
  for (const database::ForeignCommit& commit : *foreign) {
    if (world.plan.until.is_set() && commit.commit.at <= world.plan.until) continue;
    for (const auto& [rows, count] : commit.rows)
      if (is_of_ours(rows)) return true;
  }
  return false;
}

/// Why an account may differ, the strongest first.
class Comparison {
 public:
  Comparison(std::set<std::string> excluded, OtherEngines engines, std::set<Partition> exact, int partitions)
      : excluded_(std::move(excluded)),
        engines_(std::move(engines)),
        exact_partitions_(std::move(exact)),
        partitions_(partitions) {}

  /// Where decisions differ, rows may say no more than that something was wrong by then.
  bool has_unexplained() const { return counts_.contains("unexplained"); }
  void explain() {
    counts_["damaged"] += counts_["unexplained"];
    for (const json::value& name : names_["unexplained"])
      if (names_["damaged"].size() < named_max) names_["damaged"].push_back(name);
    counts_.erase("unexplained"), names_.erase("unexplained");
  }

  void add(const std::string& account, const std::string& before, const std::string& after) {
    ++compared_;
    if (before == after) {
      ++exact_;
      return;
    }
    const std::string kind = kind_of(account);
    const std::string why = kind == by_exclusion || kind == by_engine ? "free" : kind;
    ++counts_[why];
    if (why != kind) ++counts_[kind];
    auto& names = names_[why];
    if (names.size() < named_max) names.emplace_back(account);
  }

  json::object object(const std::string& engine) const {
    json::object out{{"compared", compared_}, {"exact", exact_}, {"partitionsExact", exact_partitions_.size()}};
    for (const char* why : {"free", by_exclusion, by_engine, "damaged", "unexplained"}) {
      const auto count = counts_.find(why);
      out[why] = count == counts_.end() ? 0 : count->second;
    }
    for (const char* why : {"free", "damaged", "unexplained"}) {
      const auto names = names_.find(why);
      out[std::string(why) + "Accounts"] = names == names_.end() ? json::array() : names->second;
    }
    json::array others;
    for (const auto& [name, turns] : engines_.turns) others.push_back(json::object{{"engine", name}, {"turns", turns}});
    out["engine"] = engine, out["otherEngines"] = std::move(others);
    return out;
  }

 private:
  static constexpr const char *by_exclusion = "freeByExclusion", *by_engine = "freeByEngine";

  // Where every decision of the partition was the same, no engine explains anything: somebody wrote past it.
  std::string kind_of(const std::string& account) const {
    const Partition partition = partition_of(account, partitions_);
    if (excluded_.contains(account)) return by_exclusion;
    if (exact_partitions_.contains(partition)) return "damaged";
    return engines_.decided(account, partition) ? by_engine : "unexplained";
  }

  std::set<std::string> excluded_;
  OtherEngines engines_;
  std::set<Partition> exact_partitions_;
  int partitions_;
  std::int64_t compared_ = 0, exact_ = 0;
  std::map<std::string, std::int64_t> counts_;
  std::map<std::string, json::array> names_;
};

}  // namespace

Result<json::object> compare_accounts(World& world, const std::vector<database::Position>& from) {
  auto before = digests_before(world);
  if (!before) return fail(std::move(before.error()));
  auto excluded = freed_by_exclusions(world.safe, world.plan.exclusions);
  if (!excluded) return fail(std::move(excluded.error()));
  if (world.plan.policy == Policy::fatally_fail) {
    auto distrusted = freed_by_distrust(world.safe, from);
    if (!distrusted) return fail(std::move(distrusted.error()));
    excluded->merge(*distrusted);
  }
  auto engines = other_engines(world.safe, world.engine, from);
  if (!engines) return fail(std::move(engines.error()));
  auto exact = exact_partitions(world);
  if (!exact) return fail(std::move(exact.error()));
  auto after = digests_after(world);
  if (!after) return fail(std::move(after.error()));
  if (before->empty() && !after->empty())
    return json::object{{"compared", 0}, {"exact", 0},   {"unknown", after->size()},
                        {"free", 0},     {"damaged", 0}, {"unexplained", 0}};
  Comparison comparison(std::move(*excluded), std::move(*engines), std::move(*exact), world.partitions);
  for (const auto& [account, digest] : *after) {
    const auto found = before->find(account);
    comparison.add(account, found == before->end() ? "" : found->second, digest);
  }
  for (const auto& [account, digest] : *before)
    if (!after->contains(account)) comparison.add(account, digest, "");
  if (comparison.has_unexplained()) {
    const auto past = written_past(world);
    if (!past) world.say("why accounts differ is not known: " + past.error().text());
    if (past && *past) comparison.explain();
  }
  return comparison.object(engine_name(world.engine));
}

}  // namespace backstitch::recovery
