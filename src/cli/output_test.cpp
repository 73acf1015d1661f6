#include "cli/output.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch::cli {
namespace {

TEST(Output, ExitStatusIsTheErrorsOwn) {
  const std::vector<std::pair<Code, int>> expected{
      {Code::invariant_violated, 1}, {Code::usage, 2},       {Code::not_yet, 3}, {Code::order_not_found, 4},
      {Code::not_running, 5},        {Code::environment, 7}, {Code::defect, 70}};
  for (const auto& [code, status] : expected)
    EXPECT_EQ(compose_output({}, fail(code, "x")).exit_status, status) << code_text(code);
}

TEST(Output, EveryErrorHasAnExitStatusOfTheContract) {
  for (const ErrorInfo& known : all_errors()) {
    const int status = compose_output({}, fail(static_cast<Code>(known.number), "x")).exit_status;
    EXPECT_TRUE((status >= 1 && status <= 7) || status == 70) << known.number << " has " << status;
  }
}

TEST(Output, JsonIsOneDocumentAlsoOnFailure) {
  const Invocation invocation{.json = true};
  const Printed good = compose_output(
      invocation, Answer{.schema = "order.list/1", .data = "{\"items\":[]}", .text = "words", .notices = {"a \"b\""}});
  const auto document = parse_json(good.out);
  ASSERT_TRUE(document) << good.out;
  EXPECT_EQ(document->at("ok"), true);
  EXPECT_EQ(document->at("schema"), "order.list/1");
  EXPECT_EQ(document->at("notices").at(0), "a \"b\"");
  EXPECT_TRUE(good.err.empty());

  const Printed bad = compose_output(
      invocation, fail(Error{Code::order_invalid, "two faults", {{"/items/0", Code::order_field_invalid, "no product"}}}));
  const auto problem = parse_json(bad.out);
  ASSERT_TRUE(problem) << bad.out;
  EXPECT_EQ(problem->at("ok"), false);
  EXPECT_EQ(problem->at("error").at("code"), "BS-3101");
  EXPECT_EQ(problem->at("error").at("errors").at(0).at("pointer"), "/items/0");
  EXPECT_TRUE(bad.err.empty());
  EXPECT_EQ(bad.exit_status, 1);
}

TEST(Output, WordsGoToStandardErrorDataToStandardOutput) {
  const Answer answer{.schema = "s/1", .text = "data\n", .notices = {"a notice"}, .exit_status = 1};
  const Printed printed = compose_output({}, answer);
  EXPECT_EQ(printed.out, "data\n");
  EXPECT_EQ(printed.err, "a notice\n");
  EXPECT_EQ(printed.exit_status, 1);
  EXPECT_EQ(compose_output({.quiet = true}, answer).err, "");

  const Printed failed = compose_output(
      {},
      fail(Error{
          Code::order_invalid, "two", {{"/a", Code::order_field_invalid, "first"}, {"", Code::order_field_invalid, "second"}}}));
  EXPECT_TRUE(failed.out.empty());
  EXPECT_NE(failed.err.find("BS-3101"), std::string::npos);
  EXPECT_NE(failed.err.find("  /a BS-3109 first\n  / BS-3109 second\n"), std::string::npos) << failed.err;
}

TEST(Output, AStreamIsNotPrintedTwice) {
  EXPECT_EQ(compose_output({}, Answer{.schema = "s/1", .text = "again", .streamed = true}).out, "");
}

TEST(Output, WhatDestroysIsConfirmedByYes) { EXPECT_TRUE(confirm({.yes = true}, "It goes away.")); }

}  // namespace
}  // namespace backstitch::cli
