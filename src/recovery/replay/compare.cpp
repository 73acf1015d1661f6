#include "recovery/replay/compare.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/hash.h"
#include "base/json.h"
#include "recovery/capture/evidence.h"
#include "recovery/saga/steps.h"

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

/// Somebody wrote past the engine into our tables behind T: whatever was decided since, of any account, may rest on his rows.
Result<bool> written_past(World& world) {
  if (!world.plan.before.is_set()) return false;
  const auto foreign = database::History(world.folders).foreign_commits(world.plan.before, world.copy->connection());
  if (!foreign) return fail(foreign.error());
  for (const database::ForeignCommit& commit : *foreign)
    for (const auto& [rows, count] : commit.rows)
      if (is_of_ours(rows)) return true;
  return false;
}

class Comparison {
 public:
  Comparison(std::set<std::string> excluded, std::set<Partition> exact, int partitions)
      : excluded_(std::move(excluded)), exact_partitions_(std::move(exact)), partitions_(partitions) {}

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
    const bool same_decisions = exact_partitions_.contains(partition_of(account, partitions_));
    const char* why = excluded_.contains(account) ? "free" : same_decisions ? "damaged" : "unexplained";
    auto& names = names_[why];
    ++counts_[why];
    if (names.size() < named_max) names.emplace_back(account);
  }

  json::object object() const {
    json::object out{{"compared", compared_}, {"exact", exact_}, {"partitionsExact", exact_partitions_.size()}};
    for (const char* why : {"free", "damaged", "unexplained"}) {
      const auto count = counts_.find(why);
      out[why] = count == counts_.end() ? 0 : count->second;
      const auto names = names_.find(why);
      out[std::string(why) + "Accounts"] = names == names_.end() ? json::array() : names->second;
    }
    return out;
  }

 private:
  std::set<std::string> excluded_;
  std::set<Partition> exact_partitions_;
  int partitions_;
  std::int64_t compared_ = 0, exact_ = 0;
  std::map<std::string, std::int64_t> counts_;
  std::map<std::string, json::array> names_;
};

}  // namespace

Result<std::set<std::string>> freed_by_exclusions(safe::Safe& safe, const std::vector<Exclusion>& exclusions) {
  std::set<std::string> out;
  std::map<Partition, std::uint64_t> activations;  // the first that is left out, by partition
  for (const Exclusion& exclusion : exclusions)
    BS_TRY(safe.read_archive("incoming", exclusion.partition, exclusion.offset, [&](const queue::Record& record) {
      out.insert(record.key);
      if (record.schema != "incoming.catalog-activate/1") return false;
      const auto [first, fresh] = activations.try_emplace(exclusion.partition, record.offset);
      first->second = std::min(first->second, record.offset);
      return false;
    }));
  for (const auto& [partition, offset] : activations)
    BS_TRY(safe.read_archive("incoming", partition, offset, [&](const queue::Record& record) {
      out.insert(record.key);
      return true;
    }));
  return out;
}

Result<std::set<std::string>> freed_by_distrust(safe::Safe& safe, const std::vector<database::Position>& restored) {
  std::set<std::string> out;
  for (const database::Position& at : restored) {
    const Status read = safe.read_archive("completer", at.partition, at.completer, [&](const queue::Record& record) {
      if (record.key != "*") out.insert(record.key);  // a seal is nobody's
      return true;
    });
    if (!read && read.error().code != Code::offset_behind_end) return fail(read.error());
  }
  return out;
}

Result<json::object> compare_accounts(World& world, const Journal& journal) {
  auto before = digests_before(world);
  if (!before) return fail(std::move(before.error()));
  auto excluded = freed_by_exclusions(world.safe, world.plan.exclusions);
  if (!excluded) return fail(std::move(excluded.error()));
  if (world.plan.policy == Policy::fatally_fail) {
    auto distrusted = freed_by_distrust(world.safe, restored_positions(journal));
    if (!distrusted) return fail(std::move(distrusted.error()));
    excluded->merge(*distrusted);
  }
  auto exact = exact_partitions(world);
  if (!exact) return fail(std::move(exact.error()));
  Digests after;
  BS_TRY(world.database->account_digests(
      [&](const std::string& account, std::uint64_t digest) { after[account] = digest64_text(digest); }));
  if (before->empty() && !after.empty())
    return json::object{{"compared", 0}, {"exact", 0},   {"unknown", after.size()},
                        {"free", 0},     {"damaged", 0}, {"unexplained", 0}};
  Comparison comparison(std::move(*excluded), std::move(*exact), world.partitions);
  for (const auto& [account, digest] : after) {
    const auto found = before->find(account);
    comparison.add(account, found == before->end() ? "" : found->second, digest);
  }
  for (const auto& [account, digest] : *before)
    if (!after.contains(account)) comparison.add(account, digest, "");
  if (comparison.has_unexplained()) {
    const auto past = written_past(world);
    if (!past) return fail(past.error());
    if (*past) comparison.explain();
  }
  return comparison.object();
}

}  // namespace backstitch::recovery
