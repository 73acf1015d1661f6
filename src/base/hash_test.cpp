#include "base/hash.h"

#include <gtest/gtest.h>

namespace backstitch {
namespace {

std::string hex_of(const Sha256& digest) { return hex({reinterpret_cast<const char*>(digest.data()), digest.size()}); }

TEST(Hash, Sha256OfFips180) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(first_128(sha256("abc")), (Bits128{0xba7816bf8f01cfeaull, 0x414140de5dae2223ull}));
}

TEST(Hash, HmacOfRfc4231Case2) {
  EXPECT_EQ(hex_of(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hash, Xxh3IsTheFrozenAlgorithm) {
  EXPECT_EQ(digest64_text(digest64("")), "2d06800538d394c2");  // XXH3_64bits of nothing, seed 0
  EXPECT_NE(digest64("a"), digest64("b"));
  EXPECT_NE(digest64("a", 1), digest64("a", 2));
  EXPECT_EQ(digest64_text(1), "0000000000000001");
}

TEST(Hash, PartsDoNotFlowIntoEachOther) {
  EXPECT_NE(sha256_parts({"ab", "c"}), sha256_parts({"a", "bc"}));
  EXPECT_NE(sha256_parts({"a", ""}), sha256_parts({"a"}));
  EXPECT_EQ(sha256_parts({"a", "bc"}), sha256("1:a2:bc"));
}

TEST(Hash, RandomHasItsLengthAndDiffers) {
  EXPECT_EQ(random_hex(20).size(), 40u);
  EXPECT_NE(random_hex(20), random_hex(20));
}

}  // namespace
}  // namespace backstitch
