// scripts/compare_ledgers.sh against a real PostgreSQL with the real tables.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/hash.h"
#include "base/id.h"
#include "harness.h"

namespace backstitch::standin_testing {
namespace {

constexpr const char* order_id = "01890000-0000-7000-8000-00000000002a";

std::string postgres_program(const std::string& name) {
  std::string newest;
  for (const std::string& version : list_folder("/usr/lib/postgresql"))
    newest = std::max(newest, "/usr/lib/postgresql/" + version + "/bin/" + name);
  return newest;
}

/// A scratch cluster on a socket in its own folder; one for all tests here.
class Cluster {
 public:
  Cluster() {
    const std::string folder = scratch_ / "pg";
    EXPECT_TRUE(make_folders(folder));
    if (::geteuid() == 0) {
      EXPECT_EQ(::chmod(std::filesystem::path(folder).parent_path().c_str(), 0755), 0);
      must({"chown", "postgres", folder}, "");
    }
    must({postgres_program("initdb"), "-D", folder + "/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
          "-N"},
         user_);
    must({postgres_program("pg_ctl"), "-D", folder + "/data", "-w", "-l", folder + "/log", "-o",
          "-c listen_addresses='' -c fsync=off -k " + folder, "start"},
         user_);
    connection_ = "host=" + folder + " user=postgres dbname=postgres";
    sql("create schema backstitch");
    must({"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", connection_ + " options='-c search_path=backstitch'", "-f",
          FIRST_MIGRATION},
         "");
  }
  ~Cluster() { must({postgres_program("pg_ctl"), "-D", scratch_ / "pg/data", "-m", "immediate", "stop"}, user_); }

  void sql(const std::string& text) { must({"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", connection_, "-c", text}, ""); }
  const std::string& connection() const { return connection_; }

 private:
  void must(const std::vector<std::string>& argv, const std::string& user) {
    const auto ended = run({.argv = argv, .user = user, .folder = "/"}, 60'000);
    ASSERT_TRUE(ended) << ended.error().text();
    EXPECT_EQ(ended->exit_status, 0) << argv[0] << ": " << ended->err << ended->out;
  }
  Scratch scratch_;
  std::string connection_;
  const std::string user_ = ::geteuid() == 0 ? "postgres" : "";
};

class CompareLedgersTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { cluster_ = std::make_unique<Cluster>(); }
  static void TearDownTestSuite() { cluster_.reset(); }

  void SetUp() override {
    cluster_->sql(
        fmt::format("truncate backstitch.order_key, backstitch.orders, backstitch.order_doc;"
                    "insert into backstitch.order_key values ('org1', 'O1', 1, '{0}', 0);"
                    "insert into backstitch.orders values ('{0}', 'A-1', 3, 'Activated', 'c', '2026-01-01Z', '2026-01-01Z');"
                    "insert into backstitch.order_doc values ('{0}', '{1}', '{{}}', '{{}}')",
                    order_id, sha256_hex(order_line("O1"))));
  }
  static std::string acknowledged(const std::string& id, const std::string& body) {
    return fmt::format(R"({{"kind":"acknowledged","source":"org1","sourceOrderId":"{}","version":1,"sha256":"{}"}})", id,
                       sha256_hex(body)) +
           "\n";
  }
  static std::string told(const std::string& external_id, const std::string& status, const std::string& arrival = "applied") {
    return fmt::format(R"({{"kind":"update","type":"Order","externalId":"{}","status":"{}","arrival":"{}"}})", external_id,
                       status, arrival) +
           "\n";
  }
  Finished compare(const std::string& org, const std::string& client = "") {
    write_all(scratch_ / "org.jsonl", org);
    write_all(scratch_ / "client.jsonl", client);
    auto ended = run({.argv = {COMPARE_LEDGERS, "--psql", cluster_->connection(), "--ledger", scratch_ / "client.jsonl",
                               scratch_ / "org.jsonl"}},
                     60'000);
    EXPECT_TRUE(ended);
    return ended ? *ended : Finished{};
  }

  static inline std::unique_ptr<Cluster> cluster_;
  Scratch scratch_;
};

TEST_F(CompareLedgersTest, AllTheSame) {
  const std::string order_text = OrderId::parse(order_id).value().text();
  for (const std::string& name : {order_text, std::string("O1"), std::string(order_id), std::string("org1:O1:1")}) {
    const auto ended = compare(acknowledged("O1", order_line("O1")) + told(name, "InProgress") + told(name, "Activated") +
                               told(name, "InProgress", "stale"));
    EXPECT_EQ(ended.exit_status, 0) << name << "\n" << ended.out << ended.err;
    EXPECT_EQ(ended.out, "acknowledged 1\npresent 1\nsame digest 1\nsame end state 1\n") << name;
  }
}

TEST_F(CompareLedgersTest, AnAcknowledgedOrderThatIsNotThereIsNamed) {
  const auto ended =
      compare(told("O1", "Activated"), acknowledged("O1", order_line("O1")) + acknowledged("O2", order_line("O2")));
  EXPECT_EQ(ended.exit_status, 1);
  EXPECT_NE(ended.out.find("DIFFERS org1 O2 version 1: acknowledged, and not in the database"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("acknowledged 2\npresent 1\nsame digest 1\nsame end state 1\n"), std::string::npos) << ended.out;
}

TEST_F(CompareLedgersTest, AnotherBodyIsNamed) {
  const auto ended = compare(acknowledged("O1", order_line("O1") + " ") + told("O1", "Activated"));
  EXPECT_EQ(ended.exit_status, 1);
  EXPECT_NE(ended.out.find("present 1\nsame digest 0\nsame end state 1\n"), std::string::npos) << ended.out;
}

TEST_F(CompareLedgersTest, AnotherEndStateIsNamedAndSoIsNoneAtAll) {
  auto ended = compare(acknowledged("O1", order_line("O1")) + told("O1", "InProgress"));
  EXPECT_EQ(ended.exit_status, 1);
  EXPECT_NE(ended.out.find("in state Activated, and the org was told InProgress"), std::string::npos) << ended.out;
  ended = compare(acknowledged("O1", order_line("O1")) + told("other", "InProgress"));
  EXPECT_EQ(ended.exit_status, 1);
  EXPECT_NE(ended.out.find("the org was told nothing"), std::string::npos) << ended.out;
}

TEST_F(CompareLedgersTest, AClientAloneSaysNothingOfStatesAndATornLineSaysNothing) {
  const auto ended = compare("", acknowledged("O1", order_line("O1")) + acknowledged("O2", order_line("O2")).substr(0, 40));
  EXPECT_EQ(ended.exit_status, 0) << ended.out << ended.err;
  EXPECT_NE(ended.out.find("acknowledged 1\npresent 1\nsame digest 1\nsame end state not compared"), std::string::npos)
      << ended.out;
}

TEST_F(CompareLedgersTest, ABrokenLineInTheMiddleIsNoSuccess) {
  EXPECT_NE(compare("{\"kind\":\n" + acknowledged("O1", order_line("O1"))).exit_status, 0);
}

TEST_F(CompareLedgersTest, NoDatabaseIsFive) {
  write_all(scratch_ / "org.jsonl", "");
  const auto ended =
      run({.argv = {COMPARE_LEDGERS, "--psql", "host=" + scratch_ / "nowhere", "--ledger", scratch_ / "org.jsonl"}}, 60'000);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->exit_status, 5);
}

}  // namespace
}  // namespace backstitch::standin_testing
