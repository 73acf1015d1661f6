#include "stores/workers/kubernetes/slots.h"

#include <gtest/gtest.h>

namespace backstitch::workers {
namespace {

Seen pod(const std::string& name, const std::string& lane = "default") {
  Seen seen;
  seen.name = name, seen.uid = "uid of " + name, seen.lane = lane, seen.created = "2026-11-28T00:00:0" + name.substr(1) + "Z";
  return seen;
}

std::string text(const Slots& slots) {
  std::string out;
  for (const auto& [slot, seen] : slots.all()) out += slot + "=" + seen.name + " ";
  return out;
}

TEST(Slots, InTheOrderOfTheirBirth) {
  Slots slots;
  slots.assign({pod("p2"), pod("p1"), pod("p3", "slow-lane")});
  EXPECT_EQ(text(slots), "default/0=p1 default/1=p2 slow-lane/0=p3 ");
}

TEST(Slots, WhoStaysKeepsHis) {
  Slots slots;
  slots.assign({pod("p1"), pod("p2")});
  slots.assign({pod("p2"), pod("p3")});
  EXPECT_EQ(text(slots), "default/0=p3 default/1=p2 ") << "the dead one's is given again";
}

TEST(Slots, ItIsKeptWhileASuccessorIsStillToCome) {
  Slots slots;
  slots.assign({pod("p1"), pod("p2")}, {{"default", 2}});
  slots.assign({pod("p2")}, {{"default", 2}});
  EXPECT_EQ(text(slots), "default/1=p2 ");
  slots.assign({pod("p2"), pod("p3")}, {{"default", 2}});
  EXPECT_EQ(text(slots), "default/0=p3 default/1=p2 ");
  slots.assign({pod("p2")}, {{"default", 1}});
  EXPECT_EQ(text(slots), "default/0=p2 ") << "one is all that is wished";
}

TEST(Slots, ASuccessorMovesDownWhenItsForerunnerIsGone) {
  Slots slots;
  slots.assign({pod("p1"), pod("p2")});
  slots.assign({pod("p1"), pod("p2"), pod("p3")});
  EXPECT_EQ(text(slots), "default/0=p1 default/1=p2 default/2=p3 ");
  slots.assign({pod("p2"), pod("p3")});
  EXPECT_EQ(text(slots), "default/0=p3 default/1=p2 ");
  slots.assign({});
  EXPECT_EQ(text(slots), "");
}

}  // namespace
}  // namespace backstitch::workers
