// The main job on three hosts, as a person runs it: a host is cut off and joined again, the broker is restarted and killed,
// PostgreSQL is restarted, a host loses its workers and its platform, the CRM is difficult; then all go back, while one of them
// hears nothing of it.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>

#include "base/json.h"
#include "base/process.h"
#include "base/testing.h"

namespace backstitch::servers {
namespace {

constexpr std::int64_t run_ms_max = 480'000;

TEST(DemoOnThreeHosts, ClosesWhileTheyFailAndAllOfThemGoBack) {
  testing::ScratchFolder tmp;
  std::filesystem::permissions(tmp.path(), std::filesystem::perms(0755));  // PostgreSQL's user must be able to enter
  Command command{.argv = {DEMO_PROGRAM, "--hosts", "--orders", "80", "--seed", "3", "--json"}, .env = {{"TMPDIR", tmp.path()}}};
  command.folder = SOURCE_FOLDER;
  const auto ended = run(command, run_ms_max);
  ASSERT_TRUE(ended) << ended.error().text();
  EXPECT_EQ(ended->exit_status, 0) << ended->out << ended->err;
  const auto document = parse_json(ended->out);
  ASSERT_TRUE(document) << ended->out << ended->err;
  const auto* data = document->as_object().if_contains("data");
  ASSERT_TRUE(data) << ended->out;
  EXPECT_TRUE(data->at("closed").as_bool());
  EXPECT_EQ(data->at("incidents").as_array().size(), 6u);
  EXPECT_GT(data->at("incidents").as_array().at(0).at("firstOrderMs").to_number<int>(), 0);
  EXPECT_GT(data->at("cutOffMs").to_number<int>(), 0) << "all of them heard of the recovery";
  EXPECT_TRUE(std::filesystem::is_empty(tmp.path())) << "something stays";
  fmt::print("{}\n{}\n", write_json(data->at("incidents")), write_json(data->at("times")));
}

}  // namespace
}  // namespace backstitch::servers
