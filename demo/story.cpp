#include "demo/story.h"

#include <algorithm>
#include <future>
#include <sstream>

#include "base/files.h"
#include "base/json.h"
#include "base/time.h"
#include "demo/fill_window.h"
#include "demo/incidents.h"
#include "demo/strays.h"

namespace backstitch::demo {
namespace json = boost::json;
namespace {

constexpr std::int64_t corrupt_timeout_ms = 300'000, plan_timeout_ms = 120'000, recover_timeout_ms = 600'000;

std::string title_of(const std::string& file) {
  std::istringstream lines(read_file(file).value_or(""));
  std::string line;
  std::getline(lines, line);
  return line.starts_with("# ") ? line.substr(2) : line;
}

/// Its lines: words for `recover plan` of a corruption, differences of what looks after it.
Result<std::vector<std::string>> run_script(World& world, const std::string& file) {
  Command command;
  command.argv = world.platform().before();
  command.argv.insert(command.argv.end(), {"bash", file});
  command.env = {{"CONNECTION", world.platform().database_connection()},
                 {"BACKSTITCH", program_path("backstitch")},
                 {"DATA", world.platform().data()},
                 {"SEED", std::to_string(world.options().seed)},
                 {"ORDERS", std::to_string(world.options().orders)}};
  const auto ended = run(command, corrupt_timeout_ms);
  if (!ended) return fail(ended.error());
  if (ended->exit_status != 0) return fail(Code::process_failed, "{} ends with {}: {}", file, ended->exit_status, ended->err);
  std::vector<std::string> words;
  std::istringstream lines(ended->out);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) words.push_back(line);
  return words;
}

Result<json::object> data_of(Result<json::object> answer) {
  if (!answer) return answer;
  const json::value* data = answer->if_contains("data");
  if (!data || !data->is_object()) return fail(Code::json_invalid, "no data: {}", write_json(*answer));
  return data->get_object();
}

std::string plan_id(const json::object& planned) { return json::value_to<std::string>(planned.at("plan").at("id")); }

void say_plan(Voice& voice, const json::object& planned) {
  const json::array& foreign = planned.at("foreignCommits").as_array();
  voice.say(fmt::format("plan {}: {} foreign commits, {} inputs of {} accounts to fold again", plan_id(planned), foreign.size(),
                        planned.at("inputs").to_number<std::int64_t>(), planned.at("accounts").to_number<std::int64_t>()));
  for (std::size_t i = 0; i < std::min<std::size_t>(foreign.size(), 3); ++i)
    voice.say(fmt::format("  {} by {}: {}", json::value_to<std::string>(foreign[i].at("time")),
                          json::value_to<std::string>(foreign[i].at("role")), write_json(foreign[i].at("rows"))));
}

Result<json::object> make_plan(World& world, const std::vector<std::string>& words) {
  std::vector<std::string> plan = {
      "recover", "plan", "--policy", world.options().policy, "--cause", "the demo's corruption is over"};
  plan.insert(plan.end(), words.begin(), words.end());
  auto planned = data_of(world.platform().command(plan, plan_timeout_ms));
  if (planned) say_plan(world.voice(), *planned);
  return planned;
}

/// One of three hosts hears nothing of it: it is waited for no longer than its lease, and is to find itself in the new epoch.
Status set_cable(World& world, const char* verb) { return world.hosts() ? world.hosts()->verb({verb, Hosts::third}) : Status(); }

/// Beside the running platform first. Then its last moments are bad ones, and it goes back.
Result<json::object> go_back(World& world, WindowFiller& window, Strays& strays, const std::string& id, Story& story) {
  world.voice().say("going back: restored and folded beside the running platform, then frozen, sealed, switched");
  const auto prepared = world.platform().command({"recover", "prepare", id}, recover_timeout_ms);
  if (!prepared) return fail(prepared.error());
  BS_TRY(window.await_effects());
  BS_TRY(window.crawl());
  BS_TRY(strays.order_again());
  BS_TRY(window.hold_up());
  const std::int64_t cut_ms = monotonic_ms();
  BS_TRY(set_cable(world, "partition"));
  auto recovering = std::async(std::launch::async,
                               [&] { return world.platform().command({"recover", "start", id, "--yes"}, recover_timeout_ms); });
  while (recovering.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready) window.stop_with_it();
  BS_TRY(window.end());
  auto report = data_of(recovering.get());
  BS_TRY(set_cable(world, "join"));
  if (world.hosts()) story.cut_off_ms = monotonic_ms() - cut_ms;
  if (!report) return report;
  if (world.hosts()) BS_TRY(await_shares(world));
  BS_TRY(strays.settle(id));
  return report;
}

}  // namespace

std::vector<std::string> corruption_kinds(const std::string& folder) {
  std::vector<std::string> kinds;
  for (const std::string& name : list_folder(folder))
    if (name.ends_with(".sh") && name != "lib.sh") kinds.push_back(name.substr(0, name.size() - 3));
  return kinds;
}

Result<Story> tell_story(World& world, const Catalog& catalog, const Census& census) {
  const Options& options = world.options();
  Story story{.kind = options.corruption};
  const std::string file = options.corruptions + "/" + story.kind + ".sh";
  if (!file_exists(file)) return fail(Code::usage, "there is no corruption {}", story.kind);
  story.title = title_of(file);
  world.voice().say("corruption: " + story.title);
  WindowFiller window(world, catalog, census);
  auto drawn = draw_stray_orders(catalog, options.seed, wall_clock());
  if (!drawn) return fail(std::move(drawn.error()));
  const auto ends = drawn->empty() ? Result<bool>(false) : asks_otherwise_when_there(catalog, drawn->front());
  if (!ends) return fail(ends.error());
  Strays strays(world, std::move(*drawn), *ends);
  BS_TRY(strays.send());
  auto words = run_script(world, file);
  if (!words) return fail(std::move(words.error()));
  BS_TRY(window.fill());
  words = strays.leave_out(*words);
  if (!words) return fail(std::move(words.error()));
  auto planned = make_plan(world, *words);
  if (!planned) return fail(std::move(planned.error()));
  story.plan = std::move(*planned);
  const std::string id = plan_id(story.plan);
  auto report = go_back(world, window, strays, id, story);
  if (!report) return fail(std::move(report.error()));
  story.html = options.html.empty() ? world.folder() + "/" + id + ".html" : options.html;
  // Again, because the platform is up only now: the times are whole.
  auto whole = data_of(world.platform().command({"recover", "report", id, "--html", story.html}, plan_timeout_ms));
  if (!whole) return fail(std::move(whole.error()));
  story.report = std::move(*whole);
  story.outage_ms = story.report.at("times").at("outageMs").to_number<std::int64_t>();
  story.held = window_held(story.report, census);
  const std::vector<Held> rows = rows_held(story.report, {.settles = options.policy == "settle",
                                                          .enough = is_whole(census) && story.kind != "flipped-bits",
                                                          .held_up = window.held_up(),
                                                          .strays = strays.any(),
                                                          .ended_service = strays.end_service(),
                                                          .two_engines = story.kind == "buggy-rule"});
  story.held.insert(story.held.end(), rows.begin(), rows.end());
  return story;
}

Status look_after(World& world, Story& story) {
  const std::string file = world.options().corruptions + "/after/" + story.kind + ".sh";
  if (!file_exists(file)) return {};
  auto left = run_script(world, file);
  if (!left) return fail(std::move(left.error()));
  story.left = std::move(*left);
  return {};
}

}  // namespace backstitch::demo
