// The proof, before anything is switched: invariants on the copy, and sums that close.
#include <algorithm>
#include <future>

#include "base/json.h"
#include "recovery/report/window_counts.h"
#include "recovery/saga/steps.h"
#include "recovery/verify/conservation.h"
#include "recovery/window/window_step.h"

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

}  // namespace

StepResult verify(World& world, Journal& journal) {
  BS_TRY(open_copy(world));
  bool closed = true;
  // The server works on these while we read the archive: orders wait until both are through.
  std::future<Checked> checking = std::async(std::launch::async, [&] { return world.database->verify(""); });
  json::array sums;
  for (auto& sum : {conserve_orders(world), conserve_inputs(world), conserve_effects(world, journal.step("reconcile").result)}) {
    if (!sum) return fail(sum.error());
    closed = closed && sum->difference() == 0;
    sums.push_back(sum_object(*sum));
  }
  const json::object replayed = journal.step("replay").result;
  const auto unexplained = replayed.at("accounts").at("unexplained").to_number<std::int64_t>();
  closed = closed && unexplained == 0;
  const json::object captured = journal.step("capture").result;
  const auto changes = changes_of_window(world, journal);
  if (!changes) return fail(changes.error());
  auto window = classify_window(world, journal, *changes);
  if (!window) return fail(std::move(window.error()));
  auto held = count_window(world, journal, *changes);
  if (!held) return fail(std::move(held.error()));
  json::array gaps = captured.at("gaps").as_array();
  for (const json::value& gap : window->at("gaps").as_array())
    if (std::find(gaps.begin(), gaps.end(), gap) == gaps.end()) gaps.push_back(gap);
  const Checked checked = checking.get();
  if (!checked) return fail(checked.error());
  json::array invariants = invariants_of(*checked, closed);
  world.say(closed ? "everything closes" : "something does not close: recover report names it");
  return json::object{{"closed", closed},
                      {"invariants", std::move(invariants)},
                      {"conservation", std::move(sums)},
                      {"orders", window->at("orders")},
                      {"assets", window->at("assets")},
                      {"window", std::move(*held)},
                      {"gaps", std::move(gaps)}};
}

}  // namespace backstitch::recovery
