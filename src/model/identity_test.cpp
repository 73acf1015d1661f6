#include "model/identity.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace backstitch {
namespace {

const Time time_1{1'700'000'000'123'000};

TEST(Identity, AnOrderIdIsDerivedFromWhatTheOrderIs) {
  const OrderId id = derive_order_id(time_1, "org1", "801A1", 1);
  EXPECT_EQ(id, derive_order_id(time_1, "org1", "801A1", 1));
  EXPECT_NE(id, derive_order_id(time_1, "org2", "801A1", 1));
  EXPECT_NE(id, derive_order_id(time_1, "org1", "801A1", 2));
  EXPECT_NE(id, derive_order_id(time_1, "org1", "801A1", 1, 1));
  EXPECT_NE(derive_order_id(time_1, "ab", "c", 1), derive_order_id(time_1, "a", "bc", 1));
  EXPECT_EQ(id.bits.hi >> 16, static_cast<std::uint64_t>(time_1.ms()));
  EXPECT_EQ(id.bits.lo & 0xffffffffffffull, 0u);
}

TEST(Identity, IdsSortByTheOrdersTime) {
  EXPECT_LT(derive_order_id(time_1, "z", "z", 1), derive_order_id(time_1.plus_ms(1), "a", "a", 1));
}

TEST(Identity, ChildrenLieInTheOrdersRange) {
  const OrderId order = derive_order_id(time_1, "org1", "801A1", 1);
  std::set<Bits128> seen;
  for (int i = 0; i < 200; ++i) {
    const Bits128 child = derive_child(order, "item", "p/i", std::to_string(i), 1);
    EXPECT_TRUE(belongs_to(child, order));
    EXPECT_GT(child, order.bits);
    EXPECT_TRUE(seen.insert(child).second);
  }
  EXPECT_NE(derive_child(order, "item", "p/i", "1", 1), derive_child(order, "item", "p/i", "1", 2));
  EXPECT_NE(derive_child(order, "item", "p/i", "1", 1), derive_child(order, "plan", "p/i", "1", 1));
}

TEST(Identity, AnEffectKeyHoldsNoTime) {
  const EffectId effect = derive_effect_id("org1", "801A1", 1, "p/i", "1");
  EXPECT_EQ(effect, derive_effect_id("org1", "801A1", 1, "p/i", "1"));
  EXPECT_NE(effect, derive_effect_id("org1", "801A1", 1, "p/i", "1", "rollback"));
  EXPECT_NE(effect, derive_effect_id("org1", "801A1", 1, "p/i", "2"));
}

TEST(Identity, CallKeysReadBack) {
  const CallKey key{derive_effect_id("org1", "801A1", 1, "p/i", "1"), 12};
  EXPECT_EQ(CallKey::parse(key.text()).value(), key);
  for (const std::string& bad : std::vector<std::string>{"", "eff_1", "eff_x.1", key.effect.text() + ".0",
                                                         key.effect.text() + ".", key.effect.text() + ".1x"})
    EXPECT_FALSE(CallKey::parse(bad).has_value()) << bad;
}

TEST(Identity, PartitionsCoverTheirRangeAndStay) {
  std::set<Partition> seen;
  for (int i = 0; i < 2'000; ++i) {
    const Partition partition = partition_of("A-" + std::to_string(i), 64);
    ASSERT_GE(partition, 0);
    ASSERT_LT(partition, 64);
    seen.insert(partition);
  }
  EXPECT_EQ(seen.size(), 64u);
  EXPECT_EQ(partition_of("A-1001", 64), partition_of("A-1001", 64));
}

}  // namespace
}  // namespace backstitch
