#include "kept_recovery.h"

#include "base/json.h"
#include "base/probe.h"
#include "stores/database/private/server.h"

namespace backstitch::e2e {

std::string KeptGoingBack::config() {
  const std::string url = keeper->postgres.folder / "url";
  EXPECT_TRUE(write_file_durably(url, keeper->postgres.url() + "\n"));
  return fmt::format(
      "workers: {{lanes: {{default: {{count: 2, concurrency: 16}}}}}}\ndatabase: {{adapter: external, url: 'file:{}'}}\n{}\n",
      url, keeper->config());
}

database::Standing KeptGoingBack::standing() {
  const auto safe = safe::open_files_safe(world.data() + "/safe");
  const auto standing = safe ? database::standing_of(**safe, keeper->postgres.address()) : fail(safe.error());
  EXPECT_TRUE(standing) << standing.error().text();
  return standing ? *standing : database::Standing{};
}

std::string KeptGoingBack::database() {
  const database::Standing now = standing();
  if (!now.folder.empty()) return fmt::format("host={} dbname=backstitch user=backstitch", now.host);
  return database::address_at(keeper->postgres.address(), now)->connection;
}

std::string KeptGoingBack::server_started() {
  auto session = database::Connection::open(database());
  const auto at =
      session ? session->query("select pg_postmaster_start_time()::text") : Result<database::Rows>(fail(session.error()));
  return at ? at->string(0, 0) : std::string();
}

void KeptGoingBack::back_up() { keeper->back_up(); }

void KeptGoingBack::acknowledged(int more) {
  ASSERT_TRUE(
      testing::wait_until([&, least = client->acknowledged() + more] { return client->acknowledged() >= least; }, 60'000));
}

/// Where its WAL is handed out, nobody need say when it began.
std::string KeptGoingBack::plan_of_bad_job(Time before) {
  const Spoken unsaid = speak(world, {"recover", "plan", "--cause", "x"});
  if (!keeper->hands_out_wal()) {
    EXPECT_EQ(unsaid.exit_status, 2);
    EXPECT_NE(write_json(unsaid.document).find("hands out none: name with --to a moment before the damage"), std::string::npos)
        << write_json(unsaid.document);
    return plan_recovery(world, {"--to", rfc3339(before)});
  }
  EXPECT_EQ(unsaid.exit_status, 0) << unsaid.err;
  if (unsaid.exit_status != 0) return {};
  const boost::json::value data = unsaid.data(), plan = data.at("plan");
  const boost::json::array& foreign = data.at("foreignCommits").as_array();
  EXPECT_EQ(foreign.size(), 1u) << write_json(foreign);
  EXPECT_EQ(plan.at("before"), foreign.at(0).at("lsn"));
  EXPECT_TRUE(foreign.at(0).at("rows").as_object().contains("asset update")) << write_json(foreign);
  EXPECT_GE(foreign.at(0).at("time").as_string(), rfc3339(before));
  const auto named = speak(world, {"recover", "plan", "--cause", "x", "--to", rfc3339(before)});
  EXPECT_EQ(named.data().at("foreignCommits"), data.at("foreignCommits")) << "what lies behind a moment is told, too";
  return std::string(plan.at("id").as_string());
}

/// On the line that it goes on from, nobody has.
void KeptGoingBack::expect_nobody_wrote_past() {
  if (!keeper->hands_out_wal()) return;
  const Spoken planned = speak(world, {"recover", "plan", "--cause", "x"});
  EXPECT_EQ(planned.exit_status, 2);
  EXPECT_NE(write_json(planned.document).find("nobody wrote past the engine"), std::string::npos) << write_json(planned.document);
}

void KeptGoingBack::expect_backed_up() {
  const Spoken made = speak(world, {"backup", "create"});
  ASSERT_EQ(made.exit_status, 0) << write_json(made.document) << made.err;
  const Spoken listed = speak(world, {"backup", "list"});
  EXPECT_EQ(listed.data().at("items").as_array().back().at("label"), made.data().at("label"));
  const Spoken checked = speak(world, {"backup", "check"});
  EXPECT_EQ(checked.exit_status, 0) << write_json(checked.document) << checked.err;
}

/// One row that somebody touches is found and put right beside the platform; its account stands still.
void KeptGoingBack::expect_audited_and_repaired() {
  keeper->postgres.admin("backstitch", {"update backstitch.asset set quantity = quantity + 1 where id = "
                                        "(select id from backstitch.asset order by id limit 1)"});
  const Spoken found = speak(world, {"audit"});
  ASSERT_EQ(found.exit_status, 1) << write_json(found.document) << found.err;
  const boost::json::value data = found.data();
  EXPECT_EQ(data.at("differences").to_number<int>(), 1) << write_json(data);
  EXPECT_EQ(data.at("foreignCommits").as_array().size(), keeper->hands_out_wal() ? 1u : 0u) << write_json(data);
  EXPECT_EQ(data.at("foreignUnread").as_string().empty(), keeper->hands_out_wal()) << write_json(data);
  const Spoken planned = speak(world, {"repair", "plan", "--all-damaged", "--from-start"});
  ASSERT_EQ(planned.exit_status, 0) << write_json(planned.document) << planned.err;
  const std::string id(planned.data().at("id").as_string());
  const Spoken applied = speak(world, {"repair", "apply", id, "--all", "--reason", "by hand", "--yes"});
  EXPECT_EQ(applied.exit_status, 0) << write_json(applied.document) << applied.err;
  const Spoken mended = speak(world, {"audit", "--from-start"});
  EXPECT_EQ(mended.exit_status, 0) << write_json(mended.document) << mended.err;
}

/// From where the first recovery has moved it to.
void KeptGoingBack::expect_goes_back_once_more() {
  const Time before = keeper->clock();
  const database::Standing first = standing();
  {
    auto session = database::Connection::open(database());
    ASSERT_TRUE(session && session->execute("update backstitch.asset set quantity = 0"));
  }
  const std::string id = keeper->hands_out_wal() ? plan_recovery(world) : plan_recovery(world, {"--to", rfc3339(before)});
  const Spoken recovered = go_back(world, id);
  ASSERT_EQ(recovered.exit_status, 0) << faults_of(world, id) << recovered.err;
  ASSERT_TRUE(world.start());
  EXPECT_EQ(world.get("/api/v1/status").at("epoch").at("n").to_number<int>(), 3);
  EXPECT_GT(standing().epoch, first.epoch);
  EXPECT_EQ(world.query("select count(*) from backstitch.asset where quantity = 0"), std::vector<std::string>{"0"});
  expect_proven_outside(world, *client);
}

/// Also when the server dies there, and when the platform does.
void KeptGoingBack::expect_goes_on_there() {
  ASSERT_TRUE(standing().moved());
  ASSERT_NO_FATAL_FAILURE(acknowledged(10));
  const std::string before = server_started();
  ASSERT_NE(before, "");
  keeper->lose(standing());
  const auto serves_again = [&] {
    const std::string now = server_started();
    return !now.empty() && now != before;
  };
  ASSERT_TRUE(testing::wait_until(serves_again, 60'000));
  ASSERT_NO_FATAL_FAILURE(acknowledged(10));
  world.kill_platform();
  ASSERT_TRUE(world.start());
  ASSERT_NO_FATAL_FAILURE(acknowledged(10));
}

namespace {

TEST_P(KeptGoingBack, ABadJobIsUndoneAndTheCopyIsTheDatabase) {
  ASSERT_TRUE(world.start());
  client.emplace(world, 3, 20);
  ASSERT_NO_FATAL_FAILURE(acknowledged(30));
  EXPECT_EQ(speak(world, {"recover", "range"}).code(), "BS-6002") << "nothing was backed up yet";
  ASSERT_NO_FATAL_FAILURE(back_up());
  ASSERT_NO_FATAL_FAILURE(acknowledged(30));
  const Time before = keeper->clock();
  keeper->postgres.admin("backstitch", {"update backstitch.asset set data = '{}', quantity = 0"});
  ASSERT_NO_FATAL_FAILURE(acknowledged(30));
  EXPECT_EQ(speak(world, {"recover", "plan", "--cause", "x", "--to", "2026-01-01T00:00:00Z"}).code(), "BS-6005");
  const std::string id = plan_of_bad_job(before);
  // Before the copy becomes the database, and behind it; the second one begins anew, and dies behind the point of no return.
  EXPECT_EQ(die_at(world, Probe::becoming_live, 1, {"recover", "start", id, "--yes", "--no-up"}), 137);
  EXPECT_FALSE(standing().moved());
  EXPECT_EQ(die_at(world, Probe::becoming_live, 2, {"recover", "resume", id, "--yes", "--no-up"}), 137);
  EXPECT_FALSE(world.start({}, false)) << "no platform on a closed epoch";
  const Spoken recovered = speak(world, {"recover", "resume", id, "--yes", "--no-up"});
  ASSERT_EQ(recovered.exit_status, 0) << faults_of(world, id) << recovered.err;
  EXPECT_EQ(recovered.data().at("accounts").at("unexplained").to_number<int>(), 0);
  EXPECT_GT(recovered.data().at("accounts").at("damaged").to_number<int>(), 0);
  EXPECT_GE(recovered.data().at("database").at("changes").as_array().size(), 2u) << "what the copy has otherwise is told";
  ASSERT_TRUE(world.start());
  ASSERT_NO_FATAL_FAILURE(expect_goes_on_there());
  await_rest(world, *client);
  expect_proven_outside(world, *client);
  EXPECT_EQ(world.query("select count(*) from backstitch.asset where quantity = 0"), std::vector<std::string>{"0"});
  world.stop_platform();
  EXPECT_EQ(database::takes_connections(database()), keeper->serves_alone());
  auto left = database::Connection::open(keeper->postgres.url());
  ASSERT_TRUE(left) << "the one that was left serves on: " << left.error().text();
  EXPECT_GT(left->query("select count(*) from backstitch.asset where quantity = 0")->int8(0, 0), 0) << "as it was";
  EXPECT_EQ(left->query("select open::text from backstitch.epoch")->string(0, 0), "false") << "closed to processes of ours";
  keeper->expect_kept();
  ASSERT_TRUE(world.start());
  EXPECT_EQ(world.get("/api/v1/status").at("epoch").at("n").to_number<int>(), 2);
  expect_nobody_wrote_past();
  ASSERT_NO_FATAL_FAILURE(expect_goes_back_once_more());
}

TEST_P(KeptGoingBack, UndoneItGoesOnWhereItWas) {
  ASSERT_TRUE(world.start());
  client.emplace(world, 3, 20);
  ASSERT_NO_FATAL_FAILURE(acknowledged(10));
  ASSERT_NO_FATAL_FAILURE(back_up());
  ASSERT_NO_FATAL_FAILURE(acknowledged(10));
  ASSERT_NO_FATAL_FAILURE(expect_backed_up());
  const std::string id = plan_recovery(world, {"--to", rfc3339(keeper->clock())});
  const Spoken until = go_back(world, id, "verify");
  ASSERT_LE(until.exit_status, 1) << write_json(until.document) << until.err;
  EXPECT_TRUE(keeper->has_copy(world.data(), "recovery-" + id));
  ASSERT_EQ(speak(world, {"recover", "undo", id, "--yes", "--no-up"}).exit_status, 0);
  EXPECT_FALSE(keeper->has_copy(world.data(), "recovery-" + id));
  keeper->expect_kept();
  ASSERT_TRUE(world.start());
  EXPECT_FALSE(standing().moved());
  await_rest(world, *client);
  expect_proven_outside(world, *client);
  ASSERT_NO_FATAL_FAILURE(expect_audited_and_repaired());
}

}  // namespace
}  // namespace backstitch::e2e
