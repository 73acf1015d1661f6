// The proof, before anything is switched: invariants on the copy and between it and the other stores, and sums that close.
#include <algorithm>
#include <future>

#include "base/json.h"
#include "recovery/prepared/prepared.h"
#include "recovery/report/window_counts.h"
#include "recovery/saga/steps.h"
#include "recovery/verify/between_stores.h"
#include "recovery/verify/conservation.h"
#include "recovery/window/window_step.h"
#include "stores/database/invariants/invariants.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

using Checked = Result<std::vector<database::Violation>>;

json::array invariants_of(const std::vector<database::Violation>& checked, bool& closed) {
  json::array out;
  for (const database::Violation& violation : checked) {
    closed = closed && violation.count == 0;
    json::array rows;
    for (const std::string& row : violation.rows) rows.emplace_back(row);
    out.push_back(json::object{{"id", violation.invariant},
                               {"title", violation.title},
                               {"ok", violation.count == 0},
                               {"count", violation.count},
                               {"rows", std::move(rows)}});
  }
  return out;
}

/// All of the copy; behind a prepared one in which everything held, what the tail has touched since.
Checked check_rows(World& world) {
  constexpr std::size_t share = 4;  // beyond a quarter of the accounts, all of them cost less
  if (!world.standing || !world.standing->prepared.invariants_held) return world.database->verify("");
  const std::set<std::string>& touched = world.standing->tail.accounts;
  if (touched.size() * share > world.standing->prepared.accounts.size()) return world.database->verify("");
  const std::uint64_t moment = world.standing->tail.takes_away ? 0 : world.standing->prepared.moment;
  return database::check_invariants_of(world.copy->connection(), {touched.begin(), touched.end()}, moment);
}

/// Logs whose end the copy must have come to: those that are folded, and what was drained and has a reader.
std::set<std::string> logs_done_with(const Journal& journal) {
  std::set<std::string> out = {"incoming", "completer"};
  const json::object drained = journal.step("drain").result;
  for (const json::value& queue : drained.at("queues").as_array())
    if (queue.at("name") == "order_orderitems") out.insert("order_orderitems");
  return out;
}

Checked check_between(World& world, const Journal& journal) {
  const auto catalogs = catalogs_differ(world.safe, *world.database, nullptr, {});
  if (!catalogs) return fail(catalogs.error());
  auto positions = positions_off_the_log(*world.queue, *world.database, world.crm != nullptr);
  if (!positions) return fail(positions.error());
  for (const std::string& topic : logs_done_with(journal)) {
    const auto before = positions_before(*world.database, topic, sealed_ends(journal, topic));
    if (!before) return fail(before.error());
    positions->insert(before->begin(), before->end());
  }
  const auto numbers = numbers_given_again(*world.queue, world.safe, *world.database);
  if (!numbers) return fail(numbers.error());
  return std::vector{violation_of("V-11", "catalog versions are the same in safe and database", "catalog", *catalogs),
                     violation_of("V-13", "whoever reads a log has come to its seal, and not beyond its end", "fold", *positions),
                     violation_of("V-16", numbers_go_on, "fold", *numbers)};
}

Checked check(World& world, const Journal& journal) {
  auto all = check_rows(world);
  if (!all) return all;
  auto between = check_between(world, journal);
  if (!between) return between;
  for (database::Violation& one : *between) join(*all, std::move(one));
  return all;
}

Result<std::vector<Sum>> conserve(World& world, const json::object& reconciled) {
  std::vector<Sum> out;
  for (auto& sum : {conserve_orders(world), conserve_inputs(world), conserve_effects(world, reconciled)}) {
    if (!sum) return fail(sum.error());
    out.push_back(*sum);
  }
  return out;
}

struct Window {
  json::object classes, counts;
};
Result<Window> look_at_window(World& world, const Journal& journal) {
  auto classes = classify_window(world, journal);
  if (!classes) return fail(std::move(classes.error()));
  auto counts = count_window(world, journal, classes->at("assetChanges").to_number<std::int64_t>());
  if (!counts) return fail(std::move(counts.error()));
  counts->emplace("ordersActivated", classes->at("activated"));
  return Window{std::move(*classes), std::move(*counts)};
}

json::array sums_of(const std::vector<Sum>& sums, bool& closed) {
  json::array out;
  for (const Sum& sum : sums) {
    closed = closed && sum.difference() == 0;
    out.push_back(sum_object(sum));
  }
  return out;
}

/// Accounts that were found out about beside the running platform, and those that the tail has touched since.
json::object prepared_of(const World& world) {
  if (!world.standing) return {{"accounts", 0}, {"touched", 0}};
  return {{"accounts", world.standing->prepared.accounts.size()}, {"touched", world.standing->tail.accounts.size()}};
}

/// Of capture, and what the window did not find besides.
json::array gaps_of(const Journal& journal, const json::object& classes) {
  json::array gaps = journal.step("capture").result.at("gaps").as_array();
  for (const json::value& gap : classes.at("gaps").as_array())
    if (std::find(gaps.begin(), gaps.end(), gap) == gaps.end()) gaps.push_back(gap);
  return gaps;
}

}  // namespace

StepResult verify(World& world, Journal& journal) {
  BS_TRY(open_copy(world));
  BS_TRY(find_standing(world));
  const json::object reconciled = journal.step("reconcile").result;
  // The server works on these while we read the archive.
  auto checking = std::async(std::launch::async, [&] { return check(world, journal); });
  auto conserving = std::async(std::launch::async, [&] { return conserve(world, reconciled); });
  auto window = look_at_window(world, journal);
  const auto sums = conserving.get();
  const Checked checked = checking.get();
  if (!window) return fail(std::move(window.error()));
  if (!sums) return fail(sums.error());
  if (!checked) return fail(checked.error());
  bool closed = journal.step("replay").result.at("accounts").at("unexplained").to_number<std::int64_t>() == 0;
  json::array invariants = invariants_of(*checked, closed), conservation = sums_of(*sums, closed);
  world.say(closed ? "everything closes" : "something does not close: recover report names it");
  return json::object{{"closed", closed},
                      {"prepared", prepared_of(world)},
                      {"invariants", std::move(invariants)},
                      {"conservation", std::move(conservation)},
                      {"orders", window->classes.at("orders")},
                      {"assets", window->classes.at("assets")},
                      {"window", std::move(window->counts)},
                      {"gaps", gaps_of(journal, window->classes)}};
}

}  // namespace backstitch::recovery
