// The main job on three hosts, as a person runs it: a host is cut off and joined again, the broker is restarted and killed,
// PostgreSQL is restarted, a host loses its workers and its platform, the CRM is difficult; then all go back, while one of them
// hears nothing of it.
#include "demo_program.h"

namespace backstitch::servers {
namespace {

constexpr std::int64_t run_ms_max = 480'000;

TEST(DemoOnThreeHosts, ClosesWhileTheyFailAndAllOfThemGoBack) {
  const testing::ScratchFolder tmp;
  const auto data = closed_demo(tmp, {"--hosts", "--orders", "80", "--seed", "3"}, run_ms_max);
  ASSERT_FALSE(data.empty());
  EXPECT_EQ(data.at("incidents").as_array().size(), 6u);
  EXPECT_GT(data.at("incidents").as_array().at(0).at("firstOrderMs").to_number<int>(), 0);
  EXPECT_GT(data.at("cutOffMs").to_number<int>(), 0) << "all of them heard of the recovery";
  EXPECT_TRUE(std::filesystem::is_empty(tmp.path())) << "something stays";
  fmt::print("{}\n{}\n", write_json(data.at("incidents")), write_json(data.at("times")));
}

}  // namespace
}  // namespace backstitch::servers
