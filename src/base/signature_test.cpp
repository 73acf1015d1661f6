#include "base/signature.h"

#include <gtest/gtest.h>

#include "base/process.h"
#include "base/testing.h"

namespace backstitch {
namespace {

TEST(Base64Url, IsReadBack) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
    EXPECT_EQ(base64url_decoded(base64url(text)), text);
  EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(base64url("fooba"), "Zm9vYmE");
  EXPECT_EQ(base64url_decoded("+/"), std::nullopt);
  EXPECT_EQ(base64url_decoded("abcde"), std::nullopt);
}

TEST(Rs256, IsVerifiedByThePublicKeyAlone) {
  const testing::ScratchFolder folder;
  const auto key = [&](const std::string& name) {
    const std::string file = folder / name;
    EXPECT_TRUE(run({.argv = {"openssl", "genpkey", "-algorithm", "RSA", "-out", file}}, 30'000));
    return std::pair(read_file(file).value(), run({.argv = {"openssl", "pkey", "-in", file, "-pubout"}}, 30'000)->out);
  };
  const auto [mine, mine_public] = key("mine.pem");
  const auto [other, other_public] = key("other.pem");
  const auto signature = sign_rs256(mine, "header.claims");
  ASSERT_TRUE(signature) << signature.error().text();
  EXPECT_TRUE(is_signed_rs256(mine_public, "header.claims", *signature));
  EXPECT_FALSE(is_signed_rs256(mine_public, "header.claimz", *signature));
  EXPECT_FALSE(is_signed_rs256(other_public, "header.claims", *signature));
  EXPECT_FALSE(is_signed_rs256("no key", "header.claims", *signature));
}

TEST(Rs256, SaysThatAKeyIsNoneWithoutShowingIt) {
  const auto signature = sign_rs256("-----BEGIN PRIVATE KEY-----\nsecret\n", "text");
  ASSERT_FALSE(signature);
  EXPECT_EQ(signature.error().code, Code::config_invalid);
  EXPECT_EQ(signature.error().text().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace backstitch
