#include "services/worker/task_code.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/process.h"
#include "services/testing.h"

namespace backstitch {
namespace {

using testing::object_of;

// What every child here begins with: the next line, and the id of its task in $id.
const std::string next_task = R"(id=${line#*\"taskId\":\"}; id=${id%%\"*}; )";

std::map<std::string, std::vector<std::string>> script(const std::string& name, const std::string& text) {
  return {{name, {"/bin/sh", "-c", text}}};
}

TEST(TaskCode, EchoAnswersItsBody) {
  TaskCode code({});
  const auto result = code.run("echo", "itm_1", "{\"a\":1}", 1'000);
  EXPECT_EQ(result.outcome, CallOutcome::done);
  EXPECT_EQ(result.response, "{\"a\":1}");
}

TEST(TaskCode, UnknownImplementationIsRefused) {
  TaskCode code({});
  const auto result = code.run("nobody", "itm_1", "{}", 1'000);
  EXPECT_EQ(result.outcome, CallOutcome::refused);
  EXPECT_EQ(result.code, "worker/unknown-implementation");
}

TEST(TaskCode, ProgramThatCannotBeStartedHasTakenNothing) {
  const std::map<std::string, std::vector<std::string>> commands{{"missing", {"/no/such/program"}}};
  TaskCode code(commands);
  EXPECT_EQ(code.run("missing", "itm_1", "{}", 1'000).outcome, CallOutcome::not_taken);
}

TEST(TaskCode, OneChildCarriesOutOneTaskAfterAnother) {
  TaskCode code(script("count", "n=0; while read -r line; do " + next_task + R"(n=$((n+1));
    printf '{"taskId":"%s","outcome":"done","attributes":{"n":%s,"pid":%s}}\n' "$id" "$n" "$$"; done)"));
  const auto first = code.run("count", "itm_1", "{}", 10'000), second = code.run("count", "itm_2", "{}", 10'000);
  ASSERT_EQ(first.outcome, CallOutcome::done) << first.code;
  ASSERT_EQ(second.outcome, CallOutcome::done) << second.code;
  EXPECT_EQ(object_of(second.response).at("n").to_number<int>(), 2);
  EXPECT_EQ(object_of(first.response).at("pid"), object_of(second.response).at("pid"));
}

TEST(TaskCode, ChildIsGivenTypeTimeAndParameters) {
  TaskCode code(script("mirror", "while read -r line; do " + next_task +
                                     R"(printf '{"taskId":"%s","outcome":"done","attributes":%s}\n' "$id" "$line"; done)"));
  const auto asked = object_of(code.run("mirror", "itm_7", "{\"speed\":500}", 10'000).response);
  EXPECT_EQ(asked.at("v").to_number<int>(), 1);
  EXPECT_EQ(asked.at("type").as_string(), "mirror");
  EXPECT_EQ(asked.at("notAfterMs").to_number<int>(), 10'000);
  EXPECT_EQ(asked.at("parameters").at("speed").to_number<int>(), 500);
}

TEST(TaskCode, FailedTaskIsARefusalWithItsCode) {
  TaskCode code(script("failing", "while read -r line; do " + next_task +
                                      R"(printf '{"taskId":"%s","outcome":"failed","code":"stock/none"}\n' "$id"; done)"));
  const auto result = code.run("failing", "itm_1", "{}", 10'000);
  EXPECT_EQ(result.outcome, CallOutcome::refused);
  EXPECT_EQ(result.code, "stock/none");
}

TEST(TaskCode, DeathIsUnknownAndTheNextTaskGetsANewChild) {
  testing::ScratchFolder scratch;
  const std::string been_here = scratch / "been-here";
  TaskCode code(script("once", "read -r line; " + next_task + "[ -e " + been_here + " ] || { : > " + been_here + "; exit 3; }; " +
                                   R"(printf '{"taskId":"%s","outcome":"done"}\n' "$id"; read -r line)"));
  const auto died = code.run("once", "itm_1", "{}", 10'000);
  EXPECT_EQ(died.outcome, CallOutcome::unknown);
  EXPECT_EQ(died.code, "worker/no-answer");
  EXPECT_EQ(code.run("once", "itm_2", "{}", 10'000).outcome, CallOutcome::done);
}

TEST(TaskCode, NonsenseIsUnknown) {
  for (const char* line : {"hello", "[]", "{\\\"outcome\\\":7}"}) {
    TaskCode code(script("nonsense", std::string("while read -r line; do echo \"") + line + "\"; done"));
    const auto result = code.run("nonsense", "itm_1", "{}", 10'000);
    EXPECT_EQ(result.outcome, CallOutcome::unknown) << line;
    EXPECT_EQ(result.code, "worker/nonsense") << line;
  }
}

TEST(TaskCode, AnswerToAnotherTaskIsNotTakenForThisOnes) {
  TaskCode code(
      script("twice", "while read -r line; do " + next_task +
                          R"(printf '{"taskId":"%s","outcome":"done"}\n{"taskId":"%s","outcome":"done"}\n' "$id" "$id"; done)"));
  EXPECT_EQ(code.run("twice", "itm_1", "{}", 10'000).outcome, CallOutcome::done);
  const auto second = code.run("twice", "itm_2", "{}", 10'000);
  EXPECT_EQ(second.outcome, CallOutcome::unknown);
  EXPECT_EQ(second.code, "worker/other-task");
}

TEST(TaskCode, ChildThatDoesNotAnswerInTimeIsEnded) {
  testing::ScratchFolder scratch;
  TaskCode code(script("silent", "echo $$ > " + (scratch / "pid") + "; while read -r line; do :; done"));
  const std::int64_t begun_ms = monotonic_ms();
  const auto result = code.run("silent", "itm_1", "{}", 300);
  EXPECT_EQ(result.outcome, CallOutcome::unknown);
  EXPECT_GE(monotonic_ms() - begun_ms, 300);
  EXPECT_LT(monotonic_ms() - begun_ms, 10'000);
  const auto pid = read_file(scratch / "pid");
  ASSERT_TRUE(pid.has_value());
  EXPECT_FALSE(identify(std::stoi(*pid)).has_value());
}

TEST(TaskCode, BodyThatNobodyReadsDoesNotHoldTheWorkerForEver) {
  TaskCode code(script("deaf", "kill -STOP $$"));
  const auto result = code.run("deaf", "itm_1", "{\"big\":\"" + std::string(1 << 20, 'x') + "\"}", 300);
  EXPECT_EQ(result.outcome, CallOutcome::unknown);
}

TEST(TaskCode, EndOfInputLetsTheChildFinish) {
  testing::ScratchFolder scratch;
  {
    TaskCode code(script("tidy", "while read -r line; do " + next_task +
                                     R"(printf '{"taskId":"%s","outcome":"done"}\n' "$id"; done; echo bye > )" +
                                     (scratch / "bye")));
    ASSERT_EQ(code.run("tidy", "itm_1", "{}", 10'000).outcome, CallOutcome::done);
  }
  EXPECT_EQ(read_file(scratch / "bye").value_or(""), "bye\n");
}

}  // namespace
}  // namespace backstitch
