#include "demo/run.h"

#include <algorithm>
#include <sstream>

#include "base/files.h"
#include "base/json.h"
#include "base/time.h"
#include "demo/collect.h"
#include "demo/incidents.h"
#include "demo/interrupt.h"
#include "demo/killer.h"
#include "demo/progress.h"
#include "rules/catalog_json.h"

namespace backstitch::demo {
namespace {

constexpr std::int64_t import_timeout_ms = 60'000;
// Into a window orders come slowly enough that calls are on their way until its end, however long a copy takes to make.
constexpr double least_rate = 1, most_rate = 500, most_rate_into_window = 36, submit_s_least = 3;
constexpr double incident_s = 8, share_into_incidents = 0.35;  // so long each takes on a quiet machine

class Stopwatch {
 public:
  std::int64_t lap() { return monotonic_ms() - std::exchange(last_ms_, monotonic_ms()); }

 private:
  std::int64_t last_ms_ = monotonic_ms();
};

/// The catalog as the platform's own importer reads it; with its numbered notices.
Result<CatalogPtr> import_catalog(const Options& options, std::vector<std::string>& notices) {
  const auto ended =
      run_backstitch({"catalog", "validate", options.catalog, "--source", "org1", "--index", "1", "--print"}, import_timeout_ms);
  if (!ended) return fail(ended.error());
  if (ended->exit_status != 0) return fail(Code::import_failed, "{}: {}", options.catalog, ended->err);
  std::istringstream lines(ended->err);
  for (std::string line; std::getline(lines, line);) notices.push_back(line);
  return parse_catalog_text(ended->out);
}

/// Slow enough that every kill finds orders on their way, and that they go on coming into a window.
double submit_rate(const Options& options) {
  const bool window = options.corruption != "none";
  const double kills_s = options.hosts ? 0 : static_cast<double>(options.kills) * kill_every_ms / 1000;
  const double seconds = std::max<double>(window ? options.spread_s : submit_s_least, kills_s);
  return std::clamp(options.orders / seconds, least_rate, window ? most_rate_into_window : most_rate);
}

/// On three hosts a part of them comes while these fail one after the other, however long that takes; the rest as above.
double first_rate(const Options& options) {
  if (!options.hosts || options.kills == 0) return submit_rate(options);
  return share_into_incidents * options.orders / (options.kills * incident_s);
}

Status prepare(const Options& options, Voice& voice, Report& report, CatalogPtr& catalog) {
  auto imported = import_catalog(options, report.notices);
  if (!imported) return fail(std::move(imported.error()));
  for (const std::string& notice : report.notices) voice.say(notice);
  catalog = std::move(*imported);
  return {};
}

/// Only once they can be submitted: their dates lie around this moment, and those in the future must still be when they arrive.
Result<OrderFiles> draw_orders(World& world, const Catalog& catalog, Voice& voice, Report& report) {
  const Options& options = world.options();
  const double seconds = options.orders / submit_rate(options) + (options.hosts ? options.kills * incident_s : 0);
  const auto submit_ms = static_cast<std::int64_t>(1000 * seconds);
  auto files = write_order_files(catalog, world.options(), wall_clock(), submit_ms, world.folder());
  if (!files) return files;
  report.census = files->census;
  for (const std::string& line : census_lines(files->census)) voice.say(line);
  for (const std::string& fault : census_faults(catalog, files->census)) {
    report.notices.push_back("these orders prove little: " + fault);
    voice.say(report.notices.back());
  }
  return files;
}

Status start(World& world, const Catalog& catalog, Voice& voice, Report& report) {
  voice.say("starting the external system and the platform");
  BS_TRY(world.start_platform());
  BS_TRY(world.activate_catalog());
  if (world.options().corruption != "none") BS_TRY(world.await_backup());
  const auto files = draw_orders(world, catalog, voice, report);
  if (!files) return fail(files.error());
  const double rate = first_rate(world.options());
  voice.say(fmt::format("the org submits {:.1f} orders a second, the client a tenth of that; the operator works", rate));
  return world.start_people(*files, rate);
}

/// The recovery's own proof: its sums close, its invariants hold, and it says so. What was damaged beyond reading cannot be
/// compared with, and is a gap by right; a gap in anything that never was in the database is none.
Check check_recovery(const Story& story) {
  Check check{"recovered", "the recovery proves that nothing is lost and nothing done twice", 1, {}};
  const auto* closed = story.report.if_contains("closed");
  if (!closed || !closed->is_bool() || !closed->get_bool())
    check.differences.push_back(fmt::format("the report of {} does not close: {}", story.kind, story.html));
  const auto* gaps = story.report.at("window").as_object().if_contains("evidenceGaps");
  for (const auto& gap : gaps ? gaps->as_array() : boost::json::array()) {
    const std::string what = boost::json::value_to<std::string>(gap.at("store"));
    if (what != "PostgreSQL" && what != "turn mirror" && what != "account digests" && what != "WAL")
      check.differences.push_back("a gap in what nobody damaged: " + write_json(gap));
  }
  return check;
}

/// What this corruption in particular must have left behind: nothing.
Check check_after(const Story& story) { return {"after", "what was damaged or left out is gone for good", 1, story.left}; }

/// Once enough orders are on their way, and hosts no longer fail, something corrupts the database, and the product goes back.
class StoryTeller {
 public:
  StoryTeller(World& world, Troubles& troubles, const Catalog& catalog, const Census& census, Story& story)
      : world_(world), troubles_(troubles), catalog_(catalog), census_(census), story_(story) {}
  Status look(const Progress& progress) {
    constexpr double share_to_begin = 0.2;
    BS_TRY(go_faster());
    if (world_.options().corruption == "none" || story_.told()) return {};
    if (world_.hosts() && !troubles_.done()) return {};
    if (static_cast<double>(progress.orders_known()) < share_to_begin * census_.orders) return {};
    auto told = tell_story(world_, catalog_, census_);
    if (!told) return fail(std::move(told.error()));
    story_ = std::move(*told);
    troubles_.start_settling();
    return {};
  }

 private:
  Status go_faster() {
    if (!world_.hosts() || faster_ || !troubles_.done()) return {};
    faster_ = true;
    return first_rate(world_.options()) == submit_rate(world_.options()) ? Status()
                                                                         : world_.submit_at(submit_rate(world_.options()));
  }

  World& world_;
  Troubles& troubles_;
  const Catalog& catalog_;
  const Census& census_;
  Story& story_;
  bool faster_ = false;
};

Check check_driven(const Troubles& troubles, World& world) {
  const char* title = world.hosts() ? "every planned incident came, and the client was answered for all"
                                    : "every planned kill hit, and the client was answered for all";
  Check check{"driven", title, static_cast<std::int64_t>(troubles.planned()), {}};
  if (!troubles.done()) check.differences.push_back(troubles.words());
  if (const int status = world.client().exit_status(); status != 0)
    check.differences.push_back(fmt::format("the client ended with {}", status));
  return check;
}

Status compare(World& world, const Catalog& catalog, Voice& voice, Report& report) {
  voice.say("comparing the ledgers");
  auto collected = collect(world);
  if (!collected) return fail(std::move(collected.error()));
  auto summary = system_summary(world);
  if (!summary) return fail(std::move(summary.error()));
  const auto verified = world.platform().command({"--timeout", "120s", "verify"});
  if (!verified) return fail(verified.error());
  report.collected = std::move(*collected);
  report.interfaces = std::move(*summary);
  const Collected& found = report.collected;
  Check conserved = check_conservation(world, report.sums);
  for (Check& check : std::vector{check_acknowledged(found), check_told(found), check_ended(found), check_executions(found),
                                  check_unknown(found, catalog), check_invariants(*verified), check_by_script(world), conserved})
    report.checks.push_back(std::move(check));
  if (world.hosts()) report.checks.push_back(check_turns(world));
  return {};
}

Status run_in(World& world, const Options& options, Voice& voice, Report& report) {
  Stopwatch watch;
  CatalogPtr catalog;
  const auto stores = parse_stores(options.stores);
  if (!stores) return fail(stores.error());
  report.stores = *stores;
  BS_TRY(prepare(options, voice, report, catalog));
  report.times.prepare_ms = watch.lap();
  if (interrupted()) return {};
  BS_TRY(start(world, *catalog, voice, report));
  report.times.start_ms = watch.lap();
  std::optional<Killer> killer;
  std::optional<Incidents> incidents;
  if (options.hosts)
    incidents.emplace(world, options.kills);
  else
    killer.emplace(world, plan_kills(options.seed, options.kills, victims_of(*stores)));
  Troubles& troubles = options.hosts ? static_cast<Troubles&>(*incidents) : *killer;
  StoryTeller teller(world, troubles, *catalog, report.census, report.story);
  auto progress = drive(world, troubles, report.census.orders, [&](const Progress& now) { return teller.look(now); });
  if (killer) report.kills = killer->counts();
  if (incidents) report.incidents = incidents->told();
  report.times.run_ms = watch.lap();
  if (interrupted()) return {};
  if (progress && report.story.told()) {
    BS_TRY(look_after(world, report.story));
    troubles.start_settling();  // what people decided there may set orders going again
    progress = drive(world, troubles, report.census.orders, {});
  }
  if (report.story.told()) {
    report.checks.push_back(check_recovery(report.story));
    report.checks.push_back(check_after(report.story));
    report.checks.push_back(check_window(report.story.held));
  } else if (options.corruption != "none") {
    report.checks.push_back({"recovered", "the story was told", 1, {"too few orders came for it"}});
  }
  // What did not come to rest is compared too: the differences say what is missing.
  report.checks.push_back(check_driven(troubles, world));
  if (!progress) report.checks.back().differences.push_back(progress.error().text());
  voice.say(progress ? progress_text(*progress) : progress.error().text());
  const Status compared = compare(world, *catalog, voice, report);
  report.times.check_ms = watch.lap();
  return compared;
}

}  // namespace

Result<Ended> run_demo(const Options& options, Voice& voice) {
  auto folder = make_scratch_folder();
  if (!folder) return fail(std::move(folder.error()));
  voice.say("working in " + *folder);
  auto world = World::make(options, *folder, voice);
  if (!world) {
    static_cast<void>(remove_tree(*folder));
    return fail(std::move(world.error()));
  }
  Ended ended;
  ended.report.seed = options.seed;
  const Status ran = run_in(**world, options, voice, ended.report);
  const bool began = file_exists((*world)->platform().data() + "/VERSION");  // else nothing is worth keeping
  const bool remove = !options.keep && (!began || interrupted() || (ran && ended.report.closed()));
  if (const std::string words = (*world)->end(remove); !words.empty()) voice.say(words);
  if (!remove) ended.kept_folder = *folder;
  if (!ran && !interrupted()) {
    if (!remove) voice.say("everything is kept in " + *folder);
    return fail(ran.error());
  }
  return ended;
}

Result<Ended> check_again(const Options& options, Voice& voice) {
  std::vector<std::string> notices;
  const auto catalog = import_catalog(options, notices);
  if (!catalog) return fail(catalog.error());
  auto world = World::make(options, options.check, voice);
  if (!world) return fail(std::move(world.error()));
  Ended ended{.report = {.seed = options.seed, .notices = std::move(notices)}, .kept_folder = options.check};
  BS_TRY((*world)->start_platform());
  BS_TRY((*world)->start_org_only());
  Stopwatch watch;
  const Status compared = compare(**world, **catalog, voice, ended.report);
  ended.report.times.check_ms = watch.lap();
  if (const std::string words = (*world)->end(false); !words.empty()) voice.say(words);
  if (!compared) return fail(compared.error());
  return ended;
}

}  // namespace backstitch::demo
