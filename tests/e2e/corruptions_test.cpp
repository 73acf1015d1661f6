// Every corruption of demo/corruptions, as a person runs it: the product goes back on its own, and everything closes.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>

#include "base/files.h"
#include "base/json.h"
#include "base/process.h"
#include "base/testing.h"

namespace backstitch {
namespace {

constexpr std::int64_t run_ms_max = 120'000;

/// The files themselves: one that is added is tested without another word.
std::vector<std::string> kinds() {
  std::vector<std::string> out;
  for (const std::string& name : list_folder(SOURCE_FOLDER "/demo/corruptions"))
    if (name.ends_with(".sh") && name != "lib.sh") out.push_back(name.substr(0, name.size() - 3));
  return out;
}

class Corruption : public ::testing::TestWithParam<std::string> {};

TEST_P(Corruption, IsRecoveredFrom) {
  testing::ScratchFolder tmp;
  std::filesystem::permissions(tmp.path(), std::filesystem::perms(0755));  // PostgreSQL's user must be able to enter
  Command command{.argv = {DEMO_PROGRAM, "--orders", "80", "--kills", "0", "--seed", "1", "--corruption", GetParam(), "--json"},
                  .env = {{"TMPDIR", tmp.path()}}};
  command.folder = SOURCE_FOLDER;
  const auto ended = run(command, run_ms_max);
  ASSERT_TRUE(ended) << ended.error().text();
  const auto document = parse_json(ended->out);
  ASSERT_TRUE(document) << ended->out << ended->err;
  EXPECT_EQ(ended->exit_status, 0) << ended->out << ended->err;
  const auto* data = document->as_object().if_contains("data");
  ASSERT_TRUE(data) << ended->out;
  EXPECT_TRUE(data->at("closed").as_bool());
}

INSTANTIATE_TEST_SUITE_P(Demo, Corruption, ::testing::ValuesIn(kinds()), [](const auto& kind) {
  std::string name = kind.param;
  std::erase(name, '-');
  return name;
});

}  // namespace
}  // namespace backstitch
