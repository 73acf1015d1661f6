// Whole demos, as a person starts them: the program's words, its exit status, and what it leaves behind.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <sstream>

#include "base/hash.h"
#include "base/json.h"
#include "base/process.h"
#include "base/testing.h"

namespace backstitch::demo {
namespace {

using backstitch::testing::ScratchFolder;
using backstitch::testing::wait_until;

constexpr int run_ms_max = 240'000;

/// A demo under way; its folders are below a TMPDIR of its own.
class Demo {
 public:
  explicit Demo(std::vector<std::string> words) {
    words.insert(words.begin(), DEMO_PROGRAM);
    // PostgreSQL's user must be able to enter what lies below.
    std::filesystem::permissions(tmp_.path(), std::filesystem::perms(0755));
    Command command{
        .argv = std::move(words), .env = {{"TMPDIR", tmp_.path()}}, .stdout_path = log_ / "out", .stderr_path = log_ / "err"};
    command.folder = SOURCE_FOLDER;
    command.die_with_parent = true;
    const auto child = start(command);
    EXPECT_TRUE(child);
    if (child) id_ = child->id;
  }
  ~Demo() {
    if (status_ < 0) stop_process(id_, run_ms_max);
  }
  int wait() {
    EXPECT_TRUE(wait_until([this] { return (status_ = reap(id_.pid)) >= 0; }, run_ms_max));
    return status_;
  }
  void interrupt() const { signal_process(id_, SIGINT); }
  std::string out() const { return read_file(log_ / "out").value_or(""); }
  std::string err() const { return read_file(log_ / "err").value_or(""); }
  /// What is left below its TMPDIR: the folder of a kept demo.
  std::vector<std::string> left() const { return list_folder(tmp_.path()); }
  std::string kept_folder() const { return left().empty() ? "" : tmp_ / left().front(); }
  /// Processes that name its TMPDIR.
  std::vector<std::string> processes() const {
    std::vector<std::string> found;
    for (const std::string& name : list_folder("/proc"))
      if (std::string words = read_file("/proc/" + name + "/cmdline").value_or(""); words.find(tmp_.path()) != std::string::npos)
        found.push_back(name + " " + words);
    return found;
  }

 private:
  ScratchFolder tmp_, log_;
  ProcessId id_;
  int status_ = -1;
};

/// Of the platform of this demo alone: others may run beside it, and theirs come and go.
std::vector<std::string> socket_folders(const Demo& demo) {
  constexpr std::string_view words = "working in ";
  const std::string said = demo.err();
  const auto found = said.find(words), begin = found + words.size();
  if (found == std::string::npos) return {};  // it has only just begun
  const std::string data = said.substr(begin, said.find('\n', begin) - begin) + "/platform";
  const std::string own = "backstitch-" + sha256_hex(data).substr(0, 8);
  std::vector<std::string> out;
  for (const std::string& name : list_folder("/run"))
    if (name.starts_with(own)) out.push_back(name);
  return out;
}

TEST(DemoRun, ClosesAndLeavesNothing) {
  Demo demo({"--orders", "60", "--kills", "3", "--seed", "11", "--json"});
  EXPECT_EQ(demo.wait(), 0) << demo.err() << demo.out();
  const auto document = parse_json(demo.out());
  ASSERT_TRUE(document) << "exactly one document on standard output";
  const auto& data = document->at("data");
  EXPECT_TRUE(data.at("closed").as_bool());
  EXPECT_EQ(data.at("kills").as_object().size(), 3u) << "serve, a worker and PostgreSQL";
  EXPECT_EQ(data.at("conservation").at(0).at("known").to_number<int>(), 70)
      << "60, a tenth more, 3 that are ordered again, and one that orders a service back";
  EXPECT_GE(data.at("rows").at(4).to_number<int>(), 1) << "which it has done with another request";
  EXPECT_EQ(demo.left(), std::vector<std::string>{});
  EXPECT_EQ(demo.processes(), std::vector<std::string>{});
}

TEST(DemoRun, ARowMissingInTheClientsFileIsNamed) {
  Demo demo({"--orders", "30", "--kills", "1", "--keep"});
  ASSERT_EQ(demo.wait(), 0) << demo.err() << demo.out();
  const std::string folder = demo.kept_folder(), file = folder + "/client/acknowledged.jsonl";
  {
    Demo again({"--check", folder});
    EXPECT_EQ(again.wait(), 0) << "nothing differs yet\n" << again.err() << again.out();
  }
  const std::string rows = read_file(file).value_or("");
  const auto first = parse_json(rows.substr(0, rows.find('\n')));
  ASSERT_TRUE(first);
  ASSERT_TRUE(write_file_durably(file, rows.substr(rows.find('\n') + 1)));
  Demo again({"--check", folder});
  EXPECT_EQ(again.wait(), 1);
  const std::string id(first->at("sourceOrderId").as_string());
  EXPECT_NE(again.out().find("DIFFERS acknowledged: client1 " + id), std::string::npos) << again.out();
  EXPECT_NE(again.out().find("closed: no"), std::string::npos);
  EXPECT_EQ(demo.processes(), std::vector<std::string>{}) << "kept is the folder, not what ran in it";
}

/// What a demo has left, with its platform up again: for a third program, and for a hand that takes something away.
class Left {
 public:
  explicit Left(std::string folder) : folder_(std::move(folder)) {
    const auto up = backstitch({"--quiet", "up", "--port-base", "0"});
    EXPECT_TRUE(up && up->exit_status == 0) << (up ? up->err : up.error().text());
    const auto endpoints = parse_json(read_file(folder_ + "/platform/run/endpoints.json").value_or(""));
    if (endpoints) connection_ = boost::json::value_to<std::string>(endpoints->at("postgres"));
    const auto work = backstitch({"recover", "work", "--export", folder_ + "/work.csv"});
    EXPECT_TRUE(work && work->exit_status == 0);
  }
  ~Left() { EXPECT_TRUE(backstitch({"--quiet", "down", "--purge", "--yes"})); }

  Finished conservation() const {
    const auto ended = run(
        {.argv = {SOURCE_FOLDER "/scripts/conservation.sh", "--psql", connection_, "--system", folder_ + "/system/ledger.jsonl",
                  "--ledger", folder_ + "/client/acknowledged.jsonl", folder_ + "/org/ledger.jsonl",
                  folder_ + "/late/acknowledged.jsonl", folder_ + "/test/acknowledged.jsonl", "--listed", folder_ + "/work.csv"}},
        60'000);
    EXPECT_TRUE(ended);
    return ended ? *ended : Finished{255, "", ""};
  }
  std::string sql(const std::string& text) const {
    const auto ended = run({.argv = {"psql", "-X", "-qtA", "-v", "ON_ERROR_STOP=1", "-d", connection_, "-c", text}}, 30'000);
    EXPECT_TRUE(ended && ended->exit_status == 0) << text << (ended ? ended->err : ended.error().text());
    return ended ? ended->out.substr(0, ended->out.find('\n')) : "";
  }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }

 private:
  Result<Finished> backstitch(std::vector<std::string> words) const {
    const std::string program = DEMO_PROGRAM;
    words.insert(words.begin(), {program.substr(0, program.rfind('/') + 1) + "backstitch", "--data", folder_ + "/platform"});
    return run({.argv = std::move(words)}, 120'000);
  }
  const std::string folder_;
  std::string connection_;
};

/// Takes the lines away that hold all of this, puts the whole file back, and returns how many there were.
int without_lines(const Left& left, const std::string& name, const std::vector<std::string>& parts, const std::string& named) {
  const std::string content = read_file(left.file(name)).value_or("");
  std::string kept, taken;
  std::istringstream lines(content);
  int count = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool chosen =
        std::all_of(parts.begin(), parts.end(), [&](const std::string& part) { return line.find(part) != std::string::npos; });
    (chosen ? taken : kept) += line + "\n";
    count += chosen ? 1 : 0;
  }
  EXPECT_TRUE(write_file_durably(left.file(name), kept));
  const Finished ended = left.conservation();
  EXPECT_EQ(ended.exit_status, 1) << name << " without " << taken;
  EXPECT_NE(ended.out.find(named), std::string::npos) << ended.out;
  EXPECT_TRUE(write_file_durably(left.file(name), content));
  return count;
}

/// Takes one row away behind the platform's back, constraints or not, and puts it back.
void without_row(const Left& left, const std::string& table, const std::string& which, const std::string& named) {
  left.sql("set session_replication_role = replica; create table kept as select * from backstitch." + table + " where " + which +
           "; delete from backstitch." + table + " where " + which);
  const Finished ended = left.conservation();
  EXPECT_EQ(ended.exit_status, 1) << table << " without " << which;
  EXPECT_NE(ended.out.find(named), std::string::npos) << ended.out;
  left.sql("insert into backstitch." + table + " select * from kept; drop table kept");
}

TEST(DemoRun, WhatIsTakenAwayByHandIsNamedByTheThirdProgram) {
  Demo demo({"--orders", "40", "--kills", "0", "--keep"});
  ASSERT_EQ(demo.wait(), 0) << demo.err() << demo.out();
  EXPECT_NE(demo.out().find("\nconserved    orders known 57 = kept 48 + rejected in writing 9, difference 0\n"),
            std::string::npos);
  const Left left(demo.kept_folder());
  const Finished whole = left.conservation();
  ASSERT_EQ(whole.exit_status, 0) << whole.out << whole.err;

  const std::string order = left.sql("select source_order_id from backstitch.order_key order by 1 limit 1");
  without_row(left, "order_key", "source_order_id = '" + order + "'", order);
  const std::string asset = left.sql("select asset_ref from backstitch.asset order by 1 limit 1");
  without_row(left, "asset", "asset_ref = '" + asset + "'", "DIFFERS asset " + asset);

  // After a recovery an asset may be told again: it is missing without all of its lines.
  EXPECT_GE(
      without_lines(left, "org/ledger.jsonl", {R"("type":"Asset")", R"("externalId":")" + asset + "\""}, "UNTOLD asset " + asset),
      1);
  const std::string of_org =
      left.sql("select source_order_id from backstitch.order_key where source = 'org1' order by 1 limit 1");
  EXPECT_EQ(without_lines(left, "org/ledger.jsonl", {R"("kind":"acknowledged")", R"("sourceOrderId":")" + of_org + "\""},
                          "UNKNOWN order org1 " + of_org),
            1);
  const std::string calls = read_file(left.file("system/ledger.jsonl")).value_or("");
  const auto key = calls.find(R"("key":"eff_)") + 7;
  const std::string call = calls.substr(key, calls.find('"', key) - key), effect = call.substr(0, call.find('.'));
  EXPECT_EQ(without_lines(left, "system/ledger.jsonl", {R"("outcome":"executed")", call}, "UNEXECUTED effect " + effect), 1);

  const Finished restored = left.conservation();
  EXPECT_EQ(restored.exit_status, 0) << restored.out << restored.err;
}

TEST(DemoRun, AnInterruptEndsEverythingThatWasStarted) {
  Demo demo({"--orders", "200", "--kills", "8"});
  ASSERT_TRUE(wait_until([&] { return demo.err().find("kill -9") != std::string::npos; }, 60'000)) << demo.err();
  EXPECT_FALSE(demo.processes().empty());
  demo.interrupt();
  EXPECT_EQ(demo.wait(), 128 + SIGINT);
  EXPECT_EQ(demo.left(), std::vector<std::string>{});
  EXPECT_EQ(demo.processes(), std::vector<std::string>{});
}

TEST(DemoRun, TwoAtOnceDoNotMeet) {
  Demo first({"--orders", "40", "--kills", "3"}), second({"--orders", "40", "--kills", "3"});
  EXPECT_EQ(first.wait(), 0) << first.err() << first.out();
  EXPECT_EQ(second.wait(), 0) << second.err() << second.out();
}

TEST(DemoRun, TheSmallCatalogClosesTooAndNoSocketFolderStays) {
  Demo demo({"--orders", "30", "--kills", "2", "--catalog", "catalogs/mini"});
  ASSERT_TRUE(wait_until([&] { return !socket_folders(demo).empty(); }, run_ms_max)) << "it is served at one meanwhile";
  EXPECT_EQ(demo.wait(), 0) << demo.err() << demo.out();
  EXPECT_EQ(socket_folders(demo), std::vector<std::string>{});
}

TEST(DemoRun, WrongUsageAndAMissingCatalogHaveTheirExitStatus) {
  EXPECT_EQ(Demo({"--orders", "none"}).wait(), 2);
  Demo demo({"--catalog", "catalogs/none"});
  EXPECT_EQ(demo.wait(), 1);
  EXPECT_NE(demo.err().find("BS-2010"), std::string::npos) << demo.err();
  EXPECT_EQ(demo.left(), std::vector<std::string>{});
}

}  // namespace
}  // namespace backstitch::demo
