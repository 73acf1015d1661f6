// A check of this program once more, in a process of its own, with one guard out.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "base/probe.h"
#include "base/process.h"

namespace backstitch::e2e {

/// What `Check.<name>` says without the guard. Fails the test when the check is not red.
inline std::string said_without(Guard guard, const std::string& name, std::int64_t timeout_ms) {
  EXPECT_TRUE(guarded(guard)) << "a guard is out from the beginning";
  const std::string check = "Check." + name;
  const auto ran =
      run({.argv = {own_executable(), "--gtest_filter=" + check}, .env = {{"BACKSTITCH_TESTING_DISABLE", guard_name(guard)}}},
          timeout_ms);
  EXPECT_TRUE(ran) << ran.error().text();
  if (!ran) return {};
  EXPECT_EQ(ran->exit_status, 1) << ran->out << ran->err;
  EXPECT_NE(ran->out.find("[  FAILED  ] " + check), std::string::npos) << ran->out << ran->err;
  return ran->out + ran->err;
}

/// "answer_index", as the name of a test's instance.
inline std::string instance_name(Guard guard) {
  std::string name = guard_name(guard);
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

}  // namespace backstitch::e2e
