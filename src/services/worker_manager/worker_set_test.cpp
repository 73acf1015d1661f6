#include "services/worker_manager/worker_set.h"

#include <gtest/gtest.h>

namespace backstitch {
namespace {

std::string text(const WorkerSet& set) {
  std::string out;
  for (const auto& slot : set.slots) out += slot.slot + "=" + slot.name + " " + slot.state + "; ";
  return out;
}

TEST(WorkerSet, WhatRunsIsWhatIsWished) {
  const WorkerSet set = worker_set({{"default/0", "d-1"}, {"slow-lane/0", "s-1"}}, {{"default", 1, 32}, {"slow-lane", 1, 1}});
  EXPECT_TRUE(set.right());
  EXPECT_EQ(text(set), "default/0=d-1 running; slow-lane/0=s-1 running; ");
  EXPECT_TRUE(worker_set({}, {}).right());
}

TEST(WorkerSet, TheMissingAndTheStrayAreNamed) {
  const WorkerSet set = worker_set({{"default/1", "d-2"}, {"default/2", "d-3"}, {"old/0", "o-1"}}, {{"default", 2, 32}});
  EXPECT_EQ(text(set), "default/0= missing; default/1=d-2 running; default/2=d-3 stray; old/0=o-1 stray; ");
  EXPECT_EQ(set.missing, 1);
  EXPECT_EQ(set.stray, 2);
  EXPECT_FALSE(set.right());
}

TEST(WorkerSet, AWishIsTheSameLaneByLane) {
  EXPECT_TRUE(same_wish({{"a", 1, 2}, {"b", 3, 4}}, {{"b", 3, 4}, {"a", 1, 2}}));
  EXPECT_FALSE(same_wish({{"a", 1, 2}}, {{"a", 1, 3}}));
  EXPECT_FALSE(same_wish({{"a", 1, 2}}, {}));
}

}  // namespace
}  // namespace backstitch
