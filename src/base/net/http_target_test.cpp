#include "base/net/http_target.h"

#include <gtest/gtest.h>

namespace backstitch {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

TEST(HttpTarget, PathAndQueryAreDecoded) {
  HttpTarget target;
  ASSERT_TRUE(parse_target("/orders/O%201+x?state=In%20Progress&q=a+b&flag&=v&&e=", target));
  EXPECT_EQ(target.path, "/orders/O 1+x");
  EXPECT_EQ(target.query, (Query{{"state", "In Progress"}, {"q", "a b"}, {"flag", ""}, {"", "v"}, {"e", ""}}));
}

TEST(HttpTarget, AbsoluteFormLosesItsAuthority) {
  HttpTarget target;
  ASSERT_TRUE(parse_target("http://host:80/a?b=1", target));
  EXPECT_EQ(target.path, "/a");
  EXPECT_EQ(target.query, (Query{{"b", "1"}}));
}

TEST(HttpTarget, NonsenseIsRefused) {
  for (const char* text : {"", "a", "?a=1", "*", "/a%", "/a%2", "/a%zz", "/a?b=%1", "http://host"}) {
    HttpTarget target;
    EXPECT_FALSE(parse_target(text, target)) << text;
  }
}

}  // namespace
}  // namespace backstitch
