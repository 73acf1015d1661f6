#include "cli/problem.h"

#include <gtest/gtest.h>

#include "base/net/http_server.h"

namespace backstitch::cli {
namespace {

TEST(Problem, WhatTheServerRefusesComesBackAsTheSameError) {
  const Error sent{Code::order_conflict, "801A1 was used", {{"/items/0/product", Code::order_unknown_product, "FIBRE"}}};
  const Error read = error_from_problem(409, problem_json(sent));
  EXPECT_EQ(read.code, Code::order_conflict);
  EXPECT_EQ(read.detail, sent.detail);
  ASSERT_EQ(read.faults.size(), 1u);
  EXPECT_EQ(read.faults[0].pointer, "/items/0/product");
  EXPECT_EQ(read.faults[0].code, Code::order_unknown_product);
}

TEST(Problem, AForeignAnswerIsAnErrorInWords) {
  const Error page = error_from_problem(502, "<html>bad gateway</html>");
  EXPECT_EQ(page.code, Code::unreachable);
  EXPECT_NE(page.detail.find("bad gateway"), std::string::npos);
  EXPECT_EQ(error_from_problem(429, "").code, Code::queue_full);
  EXPECT_EQ(error_from_problem(418, "[]").code, Code::defect);
}

TEST(Problem, ACodeOfANewerServerKeepsItsNumberInTheWords) {
  const Error newer = error_from_problem(404, R"({"code":"BS-8888","detail":"new"})");
  EXPECT_EQ(newer.code, Code::no_such_route);
  EXPECT_EQ(newer.detail, "BS-8888 new");
}

TEST(Problem, CodesAreReadWithAndWithoutPrefix) {
  EXPECT_EQ(code_from_text("BS-3102").value(), Code::order_conflict);
  EXPECT_EQ(code_from_text("3102").value(), Code::order_conflict);
  EXPECT_EQ(code_from_text("BS-1").error().code, Code::usage);
  EXPECT_EQ(code_from_text("").error().code, Code::usage);
}

}  // namespace
}  // namespace backstitch::cli
