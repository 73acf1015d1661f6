// What going back costs, in one run on one machine:
//
//   recovery_bench [--orders 10000] [--batch 50] [--connections 8] [--binary …] [--standin …] [--catalog FILE]
//
//   restore   of base backup and WAL, beside a plain copy of the same backup that replays the same WAL
//   replay    inputs a second, beside the inputs a second of the live platform that made them
//   audit     of everything, from an empty database
//   outage    of a switch whose copy was folded beside the running platform, and of one after a freeze
//
// Orders are six auto tasks in sequence (BENCH-AUTO); a base backup is taken behind the first hundredth of them, and both
// switches go back to there: all the rest is folded again.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "bench/platform.h"
#include "stores/database/backup/measure.h"
#include "stores/database/private/folders.h"
#include "stores/database/private/programs.h"
#include "stores/database/rewind/restored_cluster.h"

using namespace backstitch;
using namespace backstitch::bench;
namespace json = boost::json;

namespace {

constexpr std::int64_t command_timeout_ms = 3'600'000;

double since(std::int64_t begun_ms) { return static_cast<double>(monotonic_ms() - begun_ms) / 1000; }

/// `data` of what the command line answers.
json::object speak(const Platform& platform, const Options& options, std::vector<std::string> words) {
  std::string said = words.front() + " " + words[1];
  words.insert(words.begin(), {options.binary, "--data", platform.data(), "--json"});
  const auto done = run({.argv = std::move(words)}, command_timeout_ms);
  if (!done) die(said + ": " + done.error().text());
  const auto document = parse_json(done->out);
  const json::value* data = document && document->is_object() ? document->get_object().if_contains("data") : nullptr;
  if (done->exit_status != 0 || !data || !data->is_object()) die(said + ": " + done->out + done->err);
  return data->get_object();
}

double number(const json::object& data, const char* name) { return data.at(name).to_number<double>(); }
std::string text(const json::object& data, const char* name) { return json::value_to<std::string>(data.at(name)); }

std::string as_server(const std::string& script) {
  const auto done = database::run_as_server(
      {"bash", "-c",
       "set -e; cd /; PATH=$PATH:$(dirname " + database::postgres_program("pg_ctl").value_or("pg_ctl") + "); " + script},
      command_timeout_ms);
  if (!done) die(done.error().text());
  return *done;
}

/// The same backup and the same archive, by hand: cp, and PostgreSQL's own recovery. Seconds.
double plain_restore(const database::ClusterFolders& folders) {
  const std::string copy = folders.pg + "/plain", sockets = folders.pg + "/plain-sockets";
  const std::int64_t begun_ms = monotonic_ms();
  as_server(
      fmt::format("cp -a --reflink=auto {2}/$(cd {2}; ls -d */ | tail -1) {0}; mkdir {1}; touch {0}/recovery.signal; "
                  "pg_ctl -D {0} -w -t 3600 -l {0}/plain.log -o \"-c listen_addresses='' -c unix_socket_directories={1} "
                  "-c archive_mode=off -c shared_buffers=256MB -c recovery_target_action=promote "
                  "-c restore_command='cp {3}/%f %p'\" start >/dev/null; "
                  "until psql -h {1} -d postgres -qAtXc 'select pg_is_in_recovery()' 2>/dev/null | grep -q f; "
                  "do sleep 0.02; done",
                  copy, sockets, folders.base, folders.wal));
  const double seconds = since(begun_ms);
  as_server(fmt::format("pg_ctl -D {0} -w -m immediate stop >/dev/null; rm -rf {0} {1}", copy, sockets));
  return seconds;
}

void measure_restore(const Platform& platform) {
  const auto folders = database::make_cluster_folders(platform.data(), platform.data() + "/safe");
  if (!folders) die(folders.error().text());
  if (const Status archived = database::archive_now(platform.postgres, folders->wal, 60'000); !archived)
    die(archived.error().text());
  const double plain_first = plain_restore(*folders);
  const std::int64_t begun_ms = monotonic_ms();
  auto copy = database::RestoredCluster::restore(*folders, "bench", {});
  const double ours = since(begun_ms);
  if (!copy) die(copy.error().text());
  if (const Status removed = (*copy)->remove(); !removed) die(removed.error().text());
  const double plain = std::min(plain_first, plain_restore(*folders));
  fmt::print("restore   {:.1f} s to the end of the archive, checked; plain copy and WAL {:.1f} s: {:.2f} x\n", ours, plain,
             ours / plain);
}

void measure_switch(Platform& platform, const Options& options, const std::string& to, bool prepared, double live_inputs_s) {
  const json::object planned = speak(platform, options, {"recover", "plan", "--to", to, "--cause", "a bench"});
  const std::string id = text(planned.at("plan").as_object(), "id");
  const std::int64_t begun_ms = monotonic_ms();
  if (prepared) {
    const json::object journal = speak(platform, options, {"recover", "prepare", id});
    const json::object folded = journal.at("notes").at("prepared").as_object();
    const double rate = number(folded, "inputs") * 1000 / number(folded, "ms");
    fmt::print("replay    {:.0f} inputs in {:.1f} s: {:.0f} a second, live {:.0f}: {:.1f} x\n", number(folded, "inputs"),
               number(folded, "ms") / 1000, rate, live_inputs_s, rate / live_inputs_s);
  }
  const double prepared_s = since(begun_ms);
  const json::object report = speak(platform, options, {"recover", "start", id, "--yes"});
  const double outage_s = number(report.at("times").as_object(), "outageMs") / 1000;
  fmt::print("outage    {:.1f} s {}{}\n", outage_s, prepared ? "behind a copy prepared in " : "after a freeze",
             prepared ? fmt::format("{:.1f} s beside the running platform", prepared_s) : "");
  fmt::print("         ");
  for (const json::value& step : report.at("times").at("steps").as_array())
    fmt::print(" {} {:.1f}", json::value_to<std::string>(step.at("step")), step.at("ms").to_number<double>() / 1000);
  fmt::print("\n");
  await_ready(platform);
}

}  // namespace

int main(int count, char** words) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // a long run is seen as it goes
  Options options = parse(count, words);
  Platform platform = start_platform(options);
  load_catalog(platform, options);
  const int first = std::max(options.orders / 100, 10), rest = options.orders - first;
  submit_all(platform, options, "BENCH-AUTO", "a", first);
  await_activated(platform, first);
  (void)speak(platform, options, {"backup", "create"});
  const std::string to = rfc3339(wall_clock());
  const std::string ends = "select sum(incoming + completer) from backstitch.position";
  const double inputs_before = std::atof(sql(platform, ends).c_str());
  const std::int64_t begun_ms = monotonic_ms();
  submit_all(platform, options, "BENCH-AUTO", "b", rest);
  await_activated(platform, options.orders);
  const double seconds = since(begun_ms), inputs = std::atof(sql(platform, ends).c_str()) - inputs_before;
  fmt::print("live      {} orders, {:.0f} a second, {:.0f} inputs a second\n", rest, rest / seconds, inputs / seconds);
  measure_restore(platform);
  const json::object audit = speak(platform, options, {"audit", "--from-start"});
  fmt::print("audit     {:.0f} accounts, {:.0f} differ, {:.0f} inputs from an empty database in {:.1f} s, {:.1f} s in all\n",
             number(audit, "accounts"), number(audit, "differences"), number(audit, "inputs"), number(audit, "replayMs") / 1000,
             number(audit, "ms") / 1000);
  measure_switch(platform, options, to, true, inputs / seconds);
  measure_switch(platform, options, to, false, inputs / seconds);
  stop_platform(platform);
  return 0;
}
