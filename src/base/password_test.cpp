#include "base/password.h"

#include <gtest/gtest.h>

namespace backstitch {
namespace {

TEST(Password, IsKnownByItsHashAndNoOtherIs) {
  const std::string hash = hash_password("opensesame").value();
  EXPECT_TRUE(hash.starts_with("scrypt$"));
  EXPECT_EQ(hash.find("opensesame"), std::string::npos);
  EXPECT_TRUE(is_password("opensesame", hash));
  EXPECT_FALSE(is_password("opensesame ", hash));
  EXPECT_FALSE(is_password("", hash));
}

TEST(Password, TheSameTwiceHasTwoHashes) { EXPECT_NE(hash_password("a").value(), hash_password("a").value()); }

TEST(Password, TheSaltGivenDecidesTheHash) {
  EXPECT_EQ(hash_password("a", "key 1").value(), hash_password("a", "key 1").value());
  EXPECT_NE(hash_password("a", "key 1").value(), hash_password("a", "key 2").value());
}

TEST(Password, WhatIsNoHashFitsNothing) {
  for (const char* hash : {"", "scrypt$", "opensesame", "scrypt$14$8$1$short$hash"})
    EXPECT_FALSE(is_password("opensesame", hash));
}

}  // namespace
}  // namespace backstitch
