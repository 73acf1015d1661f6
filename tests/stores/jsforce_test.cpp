// The stand-in org, judged by jsforce, a client of Salesforce that is not ours and knows nothing of it: 60 steps, none skipped.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "base/process.h"
#include "base/testing.h"

namespace backstitch::servers {
namespace {

constexpr std::int64_t install_ms_max = 600'000, check_ms_max = 120'000;
constexpr int steps = 60;

class JsforceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto installed = run({.argv = {JSFORCE_SCRIPT, "install"}}, install_ms_max);
    ASSERT_TRUE(installed && installed->exit_status == 0) << (installed ? installed->err : installed.error().text());
    make_key("key"), make_key("other");
  }
  void TearDown() override {
    if (org_.id.pid > 0) stop_process(org_.id, 0);
  }
  void make_key(const std::string& name) {
    const std::string file = folder_ / (name + ".pem");
    ASSERT_TRUE(
        run({.argv = {"openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", file}}, 60'000));
    ASSERT_TRUE(run({.argv = {"openssl", "pkey", "-in", file, "-pubout", "-out", folder_ / (name + ".pub")}}, 60'000));
  }
  /// Starts the org and has it judged: what was said, one line a step.
  Finished judge(std::vector<std::string> org_options = {}, const std::string& key = "key") {
    std::vector<std::string> argv{std::string(STANDINS_FOLDER) + "/standin-org",
                                  "--data",
                                  folder_ / "org",
                                  "--user",
                                  "sync@example.com",
                                  "--password",
                                  "right",
                                  "--client-id",
                                  "backstitch",
                                  "--public-key",
                                  folder_ / "key.pub"};
    argv.insert(argv.end(), org_options.begin(), org_options.end());
    auto started = backstitch::start({.argv = argv, .die_with_parent = true, .pipe_stdout = true});
    EXPECT_TRUE(started);
    org_ = *started;
    std::string line;
    for (char c = 0; ::read(org_.stdout_fd, &c, 1) == 1 && c != '\n';) line += c;
    const auto port = parse_json(line).value().at("port").to_number<int>();
    const auto judged =
        run({.argv = {JSFORCE_SCRIPT, "check", fmt::format("http://127.0.0.1:{}", port), "--user", "sync@example.com",
                      "--password", "right", "--client-id", "backstitch", "--key", folder_ / (key + ".pem")}},
            check_ms_max);
    EXPECT_TRUE(judged) << (judged ? "" : judged.error().text());
    return judged ? *judged : Finished{};
  }

  testing::ScratchFolder folder_;
  Child org_;
};

TEST_F(JsforceTest, WorksAgainstTheOrgUnchanged) {
  const Finished judged = judge();
  EXPECT_EQ(judged.exit_status, 0) << judged.out << judged.err;
  EXPECT_NE(judged.out.find(fmt::format("{} passed, 0 failed, 0 skipped", steps)), std::string::npos) << judged.out;
}

TEST_F(JsforceTest, SeesAnOrgThatLocksRows) {
  const Finished judged = judge({"--lock-rate", "0.3"});
  EXPECT_EQ(judged.exit_status, 1) << judged.out;
  EXPECT_NE(judged.out.find("UNABLE_TO_LOCK_ROW"), std::string::npos) << judged.out;
}

TEST_F(JsforceTest, SeesAKeyThatIsNotTheApps) {
  const Finished judged = judge({}, "other");
  EXPECT_EQ(judged.exit_status, 1);
  EXPECT_NE(judged.out.find("FAIL login by JWT bearer"), std::string::npos) << judged.out;
}

}  // namespace
}  // namespace backstitch::servers
