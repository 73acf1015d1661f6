#include "recoveries.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "stores/database/postgres/database.h"

namespace backstitch::e2e {
namespace json = boost::json;

json::value Spoken::data() const {
  const json::value* data = document.is_object() ? document.get_object().if_contains("data") : nullptr;
  return data ? *data : json::value();
}

std::string Spoken::code() const {
  const json::value* error = document.is_object() ? document.get_object().if_contains("error") : nullptr;
  const json::value* code = error && error->is_object() ? error->get_object().if_contains("code") : nullptr;
  return code && code->is_string() ? std::string(code->get_string()) : std::string();
}

Spoken speak(World& world, std::vector<std::string> words, int timeout_ms) {
  words.insert(words.begin(), {PLATFORM_PROGRAM, "--data", world.data(), "--json"});
  const auto ended = run({.argv = std::move(words)}, timeout_ms);
  EXPECT_TRUE(ended) << ended.error().text();
  if (!ended) return {.exit_status = 255, .document = {}, .err = {}};
  auto document = parse_json(ended->out);
  return {ended->exit_status, document ? std::move(*document) : json::value(), ended->err};
}

void write_past_the_engine(World& world, const std::string& role, const std::string& sql) {
  const std::string make = "do $$ begin if not exists (select from pg_roles where rolname = '" + role + "') then create role " +
                           role + " superuser login; end if; end $$";
  const auto made = run({.argv = {"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", world.database(), "-c", make}}, 30'000);
  ASSERT_TRUE(made && made->exit_status == 0) << (made ? made->err : made.error().text());
  // Words of his own, not the platform's: what he does is seen in PostgreSQL's log.
  const std::string host = world.database().substr(0, world.database().find(' ')), own = host + " dbname=postgres user=" + role;
  const auto done = run({.argv = {"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", own, "-c", sql}}, 30'000);
  ASSERT_TRUE(done && done->exit_status == 0) << (done ? done->err : done.error().text());
}

std::map<std::string, std::uint64_t> account_digests(World& world) {
  std::map<std::string, std::uint64_t> out;
  const auto database = database::make_postgres_database({world.database(), 1});
  const Status read = database->account_digests([&](const std::string& account, std::uint64_t digest) { out[account] = digest; });
  EXPECT_TRUE(read) << read.error().text();
  return out;
}

std::string plan_recovery(World& world, std::vector<std::string> words) {
  words.insert(words.begin(), {"recover", "plan", "--cause", "the job is removed"});
  const Spoken planned = speak(world, std::move(words));
  EXPECT_EQ(planned.exit_status, 0) << write_json(planned.document) << planned.err;
  const json::value data = planned.data();
  return data.is_object() ? json::value_to<std::string>(data.at("plan").at("id")) : "";
}

Spoken go_back(World& world, const std::string& id, const std::string& until) {
  std::vector<std::string> words = {"recover", "start", id, "--yes", "--no-up"};
  if (!until.empty()) words.insert(words.end(), {"--until", until});
  return speak(world, std::move(words));
}

std::string faults_of(World& world, const std::string& id) {
  const json::value report = speak(world, {"recover", "report", id}).data();
  if (!report.is_object()) return "no report";
  json::object said;
  for (const char* part : {"accounts", "conservation"}) said[part] = report.at(part);
  for (const json::value& one : report.at("invariants").as_array())
    if (!one.at("ok").as_bool()) said[json::value_to<std::string>(one.at("id"))] = one;
  said["gaps"] = report.at("window").at("evidenceGaps");
  return write_json(said);
}

json::value result_of(World& world, const std::string& id, const std::string& step) {
  const json::value journal = speak(world, {"recover", "status", id}).data();
  if (journal.is_object())
    for (const json::value& one : journal.at("steps").as_array())
      if (one.at("step").as_string() == step) return one.at("result");
  return json::object();
}

std::map<std::string, int> starts_of(World& world, const std::string& id) {
  std::map<std::string, int> starts;
  const json::value journal = speak(world, {"recover", "status", id}).data();
  if (!journal.is_object()) return starts;
  for (const json::value& step : journal.at("steps").as_array())
    starts[json::value_to<std::string>(step.at("step"))] = step.at("starts").to_number<int>();
  return starts;
}

int die_at(World& world, Probe probe, int hit, std::vector<std::string> words) {
  words.insert(words.begin(), {PLATFORM_PROGRAM, "--data", world.data()});
  const std::string log = world.path("probe.log");
  EXPECT_TRUE(remove_tree(log));
  const auto ended =
      run({.argv = std::move(words),
           .env = {{"BACKSTITCH_PROBE", fmt::format("{}:{}", probe_name(probe), hit)}, {"BACKSTITCH_PROBE_LOG", log}}},
          240'000);
  EXPECT_TRUE(ended) << ended.error().text();
  EXPECT_TRUE(file_exists(log)) << probe_name(probe) << " was not hit for the " << hit
                                << "th time: " << (ended ? ended->err : "");
  return ended ? ended->exit_status : 255;
}

}  // namespace backstitch::e2e
