#include "seeded_world.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

#include "base/hash.h"
#include "base/json.h"
#include "base/time.h"
#include "evidence.h"
#include "processes.h"

namespace backstitch::e2e {
namespace json = boost::json;
using testing::wait_until;

namespace {

constexpr int still_ms_max = 15'000, look_every_ms = 200;
const char* const interfaces[] = {"keyed", "lookup", "blind"};

std::uint64_t seed_of_test() {
  const char* text = std::getenv("WORLD_SEED");
  return text ? std::strtoull(text, nullptr, 10) : 1;
}

/// A row on a line, as in its CSV.
std::string work_lines(const json::value& data) {
  std::string lines;
  if (!data.is_object()) return lines;
  for (const json::value& row : data.at("items").at("items").as_array()) lines += write_json(row) + "\n";
  return lines;
}

void pause(int ms) {
  wait_until([] { return false; }, ms);
}

}  // namespace

SeededWorld::SeededWorld(std::vector<std::string> system_arguments, const std::string& config, Replaced in_catalog)
    : random_(seed_of_test()), ledger_(AppendFile::open(org_folder_ / "acknowledged.jsonl").value()) {
  const std::string seed = std::to_string(seed_of_test());
  org_ = std::make_unique<standin_testing::StandIn>("standin-org",
                                                    std::vector<std::string>{"--data", org_folder_ / "org", "--seed", seed});
  system_arguments.insert(system_arguments.begin(), {"--seed", seed});
  world_ = std::make_unique<World>(WorldSettings{
      .config =
          fmt::format("crm: {{url: \"http://127.0.0.1:{}\"}}\nbackup: {{full_every: 0s}}\naudit: {{every: 0s}}\n", org_->port()) +
          config,
      .system_arguments = std::move(system_arguments),
      .in_catalog = std::move(in_catalog)});
}

int SeededWorld::draw(int least, int most) {
  return least + static_cast<int>(random_() % static_cast<std::uint64_t>(most - least + 1));
}

const char* SeededWorld::draw_one(const std::vector<const char*>& names) { return names[random_() % names.size()]; }

void SeededWorld::begin() {
  ASSERT_TRUE(world_->start());
  const Spoken made = speak(*world_, {"backup", "create"});
  ASSERT_EQ(made.exit_status, 0) << made.err;
}

void SeededWorld::order(const std::string& id, const std::string& account, const std::string& product) {
  std::string body = order_text(id, 0, product);
  body.replace(body.find("\"A-0\""), 5, "\"" + account + "\"");
  const HttpAnswer answer = world_->call("POST", "/api/v1/orders", body);
  ASSERT_EQ(answer.status, 202) << answer.error << answer.body;
  ASSERT_TRUE(ledger_.append(
      fmt::format("{{\"source\":\"test\",\"sourceOrderId\":\"{}\",\"version\":1,\"sha256\":\"{}\"}}\n", id, sha256_hex(body)),
      false));
  ++acknowledged_;
}

void SeededWorld::order_some(const std::string& prefix, int count, const std::vector<const char*>& products) {
  for (int n = 1; n <= count; ++n) order(prefix + std::to_string(n), "A-" + std::to_string(draw(1, 12)), draw_one(products));
}

bool SeededWorld::done_twice() {
  for (const char* interface : interfaces)
    if (count_of(*world_, interface, "subjectsExecutedTwice") > 0) return true;
  return false;
}

void SeededWorld::put_workers_to_sleep() {
  for (const ProcessId worker : workers_of(world_->data())) signal_process(worker, SIGSTOP);
}

std::map<std::string, std::uint64_t> SeededWorld::quiet_accounts() {
  auto digests = account_digests(*world_);
  std::erase_if(digests, [](const auto& entry) { return !entry.first.starts_with("A-"); });
  return digests;
}

bool SeededWorld::comes_to_rest() {
  int quiet = 0;  // a turn that has committed may still be on its way to the CRM
  std::string last;
  std::int64_t moved_ms = monotonic_ms();
  while (monotonic_ms() - moved_ms < still_ms_max && !done_twice()) {
    const auto open = world_->query(
        "select count(*) from backstitch.orders o where o.state <> 'Activated' and not exists (select from"
        " backstitch.attention a where a.order_id = o.id and a.kind in ('unknown-outcome', 'fatally-failed'))");
    const auto now = world_->query(
        "select (select coalesce(sum(turn), 0) from backstitch.position),"
        " (select coalesce(sum(next_offset - 1), 0) from backstitch.crm_position)");
    if (now.empty() || open.empty()) return false;
    const std::string records = std::to_string(world_->records_in("order_orderitems"));
    quiet = open[0] == "0" && now[0].ends_with("|" + records) ? quiet + 1 : 0;
    if (quiet == 2) return true;
    if (now[0] != last) last = now[0], moved_ms = monotonic_ms();
    pause(look_every_ms);
  }
  return done_twice();
}

void SeededWorld::leave_letters_in_the_air(const std::string& prefix, int count) {
  const std::int64_t before = count_of(*world_, "blind", "executions");
  order_some(prefix, count, {"LETTER"});
  ASSERT_TRUE(wait_until([&] { return count_of(*world_, "blind", "executions") >= before + count; }));
}

void SeededWorld::break_database() {
  std::string newest;
  for (const std::string& name : list_folder(world_->data() + "/pg"))
    if (name.starts_with('e')) newest = name;
  const std::string folder = world_->data() + "/pg/" + newest + "/pg_wal";
  for (const std::string& segment : list_folder(folder)) ASSERT_TRUE(remove_tree(folder + "/" + segment));
}

void SeededWorld::kill_everything() {
  world_->kill_platform();
  const auto server = postmaster_of(world_->data());
  const bool server_first = draw(0, 1) == 1;
  if (server && server_first) kill_hard(*server);
  for (const ProcessId worker : workers_of(world_->data())) kill_hard(worker);
  if (server && !server_first) kill_hard(*server);
}

void SeededWorld::kill_on_the_way(const std::string& recovery, const std::string& until) {
  const auto child = start(
      {.argv = {PLATFORM_PROGRAM, "--data", world_->data(), "recover", "start", recovery, "--yes", "--no-up", "--until", until}});
  ASSERT_TRUE(child) << child.error().text();
  bool ended = false;
  wait_until([&] { return ended = reap(child->id.pid) >= 0; }, draw(100, 4'000));
  if (ended) return;
  signal_process(child->id, SIGKILL);
  EXPECT_TRUE(wait_until([&] { return reap(child->id.pid) >= 0; }));
}

bool SeededWorld::is_resumed(const std::string& recovery) {
  const json::value journal = speak(*world_, {"recover", "status", recovery}).data();
  if (!journal.is_object()) return false;
  for (const json::value& step : journal.at("steps").as_array())
    if (step.at("step") == "resume") return step.at("state") == "done";
  return false;
}

void SeededWorld::go_back_to_the_end(const std::string& recovery) {
  const Spoken end = go_back(*world_, recovery);
  ASSERT_TRUE(is_resumed(recovery)) << write_json(end.document) << end.err << faults_of(*world_, recovery);
  resumed_.push_back(recovery);
  ASSERT_TRUE(world_->start());
  EXPECT_TRUE(comes_to_rest()) << "orders that neither ended nor wait for a person";
  EXPECT_EQ(differences(), "");
}

std::string SeededWorld::differences() {
  const std::string listed = org_folder_ / "listed";
  std::string lists;
  for (const std::string& recovery : resumed_) lists += work_lines(speak(*world_, {"recover", "work", recovery}).data());
  EXPECT_TRUE(write_file_durably(listed, lists));
  const auto compared =
      run({.argv = {CONSERVATION, "--psql", world_->database(), "--system", world_->path("system/ledger.jsonl"), "--ledger",
                    org_folder_ / "acknowledged.jsonl", org_folder_ / "org/ledger.jsonl", "--listed", listed}},
          60'000);
  if (!compared) return compared.error().text();
  std::string text = compared->exit_status == 0 ? "" : compared->out + compared->err;
  for (const char* interface : interfaces)
    for (const std::string& subject : executed_twice(*world_, interface))
      text += fmt::format("{} was done twice by {}\n", subject, interface);
  for (const std::string& violation : violations(*world_)) text += violation + "\n";
  return text;
}

int SeededWorld::orders_known_to(const std::string& recovery) {
  const json::value report = speak(*world_, {"recover", "report", recovery}).data();
  if (!report.is_object()) return -1;
  for (const json::value& sum : report.at("conservation").as_array())
    if (sum.at("of") == "orders") return sum.at("known").to_number<int>();
  return -1;
}

}  // namespace backstitch::e2e
