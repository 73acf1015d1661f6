#include "stores/cache/riak/siblings.h"

#include <gtest/gtest.h>

namespace backstitch::cache {
namespace {

std::string agreed(const std::vector<Sibling>& siblings, std::int64_t now_us = 5) {
  return agreed_value(siblings, Time{now_us}).value_or("nothing");
}

TEST(Siblings, AreBelievedWhenAllSayTheSame) {
  EXPECT_EQ(agreed({}), "nothing");
  EXPECT_EQ(agreed({{"10 may"}}), "may");
  EXPECT_EQ(agreed({{"10 may"}, {"20 may"}}), "may");
  EXPECT_EQ(agreed({{"20 may"}, {"10 may"}}, 10), "nothing") << "the first to expire ends it";
  EXPECT_EQ(agreed({{"10 may"}, {"20 may not"}}), "nothing");
  EXPECT_EQ(agreed({{"10 may not"}, {"20 may"}}), "nothing");
  EXPECT_EQ(agreed({{"10 may"}, {"", true}}), "nothing");
  EXPECT_EQ(agreed({{"", true}, {"10 may"}}), "nothing");
  EXPECT_EQ(agreed({{"10 may"}, {"what?"}}), "nothing");
}

TEST(Siblings, ArePartsOfABody) {
  const std::string body =
      "\r\n--B\r\nEtag: 1\r\n\r\none\r\n\r\ntwo\r\n--B\r\nEtag: 2\r\nX-Riak-Deleted: true\r\n\r\n\r\n--B--\r\n";
  const auto siblings = read_siblings("multipart/mixed; boundary=B", body);
  ASSERT_TRUE(siblings);
  ASSERT_EQ(siblings->size(), 2u);
  EXPECT_EQ(siblings->front().body, "one\r\n\r\ntwo");
  EXPECT_FALSE(siblings->front().removed);
  EXPECT_TRUE(siblings->back().removed);
  EXPECT_FALSE(read_siblings("text/plain", body));
  for (std::size_t size = 0; size + 4 < body.size(); ++size)
    EXPECT_FALSE(read_siblings("multipart/mixed; boundary=B", body.substr(0, size))) << size;
}

}  // namespace
}  // namespace backstitch::cache
