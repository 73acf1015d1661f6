// The demo as a person runs it, in a folder of its own.
#pragma once
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>

#include "base/json.h"
#include "base/process.h"
#include "base/testing.h"

namespace backstitch::servers {

/// What it says of itself; an empty object, and a failure of the test, unless everything closes within timeout_ms.
inline boost::json::object closed_demo(const testing::ScratchFolder& tmp, const std::vector<std::string>& words,
                                       std::int64_t timeout_ms) {
  std::filesystem::permissions(tmp.path(), std::filesystem::perms(0755));  // PostgreSQL's user must be able to enter
  Command command{.argv = {DEMO_PROGRAM, "--json"}, .env = {{"TMPDIR", tmp.path()}}};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.folder = SOURCE_FOLDER;
  const auto ended = run(command, timeout_ms);
  EXPECT_TRUE(ended) << ended.error().text();
  if (!ended) return {};
  EXPECT_EQ(ended->exit_status, 0) << ended->out << ended->err;
  const auto document = parse_json(ended->out);
  const auto* data = document && document->is_object() ? document->get_object().if_contains("data") : nullptr;
  EXPECT_TRUE(data) << ended->out << ended->err;
  if (!data) return {};
  EXPECT_TRUE(data->at("closed").as_bool()) << ended->out;
  return ended->exit_status == 0 ? data->get_object() : boost::json::object();
}

}  // namespace backstitch::servers
