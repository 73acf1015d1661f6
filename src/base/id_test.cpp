#include "base/id.h"

#include <gtest/gtest.h>

#include <random>

namespace backstitch {
namespace {

constexpr Bits128 sample{0x0123456789abcdefull, 0xfedcba9876543210ull};

TEST(Id, UuidTextIsTheOneOfPostgresql) {
  EXPECT_EQ(uuid_text(sample), "01234567-89ab-cdef-fedc-ba9876543210");
  EXPECT_EQ(parse_uuid("01234567-89AB-CDEF-FEDC-BA9876543210"), sample);
  EXPECT_EQ(parse_uuid("0123456789abcdeffedcba9876543210"), sample);
}

TEST(Id, CrockfordKnownValues) {
  EXPECT_EQ(crockford({0, 0}), "00000000000000000000000000");
  EXPECT_EQ(crockford({~0ull, ~0ull}), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
  EXPECT_EQ(crockford({0, 32}), "00000000000000000000000010");
  EXPECT_EQ(parse_crockford("0000000000000000000000001o"), (Bits128{0, 32}));  // o is 0, i and l are 1
  EXPECT_EQ(parse_crockford("000000000000000000000000il"), (Bits128{0, 33}));
}

TEST(Id, EveryTextComesBackAndOrderIsKept) {
  std::mt19937_64 random(7);
  Bits128 last;
  std::string last_text = crockford(last);
  for (int i = 0; i < 10'000; ++i) {
    const Bits128 bits{random(), random()};
    ASSERT_EQ(parse_uuid(uuid_text(bits)), bits);
    const std::string text = crockford(bits);
    ASSERT_EQ(parse_crockford(text), bits);
    ASSERT_EQ(bits < last, text < last_text);
    ASSERT_EQ(bits < last, uuid_text(bits) < uuid_text(last));
    last = bits, last_text = text;
  }
}

TEST(Id, WrongTextsAreRefused) {
  for (const char* text : {"", "0123", "01234567-89ab-cdef-fedc-ba987654321", "01234567-89ab-cdef-fedc-ba98765432100",
                           "g1234567-89ab-cdef-fedc-ba9876543210"})
    EXPECT_FALSE(parse_uuid(text)) << text;
  for (const char* text : {"", "80000000000000000000000000", "0000000000000000000000000U", "000000000000000000000000000"})
    EXPECT_FALSE(parse_crockford(text)) << text;
}

TEST(Id, PrefixTellsTheKind) {
  const OrderId order{sample};
  EXPECT_EQ(OrderId::parse(order.text()), order);
  EXPECT_EQ(OrderId::parse(uuid_text(sample)), order);
  EXPECT_TRUE(order.text().starts_with("ord_"));
  EXPECT_FALSE(ItemId::parse(order.text())) << "an order id is no item id";
}

}  // namespace
}  // namespace backstitch
