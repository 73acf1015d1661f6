// What was exported beside the platform and what the outage exports behind it are every record once, or more, never less.
#include "recovery/capture/beforehand.h"

#include <gtest/gtest.h>

#include "recovery/capture/evidence.h"
#include "stores/queue/strict_fake.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::recovery {
namespace {

class Beforehand : public ::testing::Test {
 protected:
  void SetUp() override {
    world.plan.id = "rec-1", world.queue = &log;
    ASSERT_TRUE(log.ensure_topic("tasks.default", {true, 0}));
    ASSERT_TRUE(log.ensure_topic("incoming", {true, 0}));
    auto opened = Journal::open(safe, "rec-1");
    ASSERT_TRUE(opened);
    journal.emplace(std::move(*opened));
  }
  void put(queue::Queue& queue, Partition partition, const std::string& value) {
    ASSERT_TRUE(queue.append({{"tasks.default", partition, "A-1", "tasks.callout/1", "", "\"" + value + "\"", "", {}}}));
  }
  void beforehand() {
    const Status exported = export_beforehand(world, log);
    ASSERT_TRUE(exported) << exported.error().text();
    ASSERT_TRUE(safe.change_epoch({1, true, ""}, {2, false, "rec-1"}));
  }
  /// Values in both files, in their order.
  std::string evidence() {
    std::string out;
    for (const std::string& label : {beforehand_label(world.plan), world.plan.id}) {
      out += out.empty() ? "" : "| ";
      const auto drained = load_drained(safe, label, "tasks.default");
      if (!drained) continue;
      EXPECT_TRUE(read_drained(safe, *drained, [&](Partition, const queue::Record& record) { out += record.value + " "; }));
    }
    return out;
  }

  queue::StrictFake log{{.partitions = 2}};
  safe::StrictFake safe{2};
  CatalogLibrary library{safe};
  World world{.plan = {}, .safe = safe, .library = library, .folders = {}, .cluster = {}};
  std::optional<Journal> journal;
};

TEST_F(Beforehand, TheOutageExportsTheRest) {
  put(log, 0, "a"), put(log, 1, "b"), put(log, 0, "c");
  beforehand();
  put(log, 0, "d");
  const auto exported = export_queue(world, *journal, "tasks.default");
  ASSERT_TRUE(exported) << exported.error().text();
  EXPECT_EQ(evidence(), "a c b | d ");
  EXPECT_EQ(exported->at("records"), 4);
  EXPECT_EQ(exported->at("from"), 2);
  EXPECT_EQ(exported->at("to"), 6);
  const auto again = export_queue(world, *journal, "tasks.default");
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, *exported);
}

TEST_F(Beforehand, AnotherTimeGoesOnBehindTheFirst) {
  put(log, 0, "a");
  ASSERT_TRUE(export_beforehand(world, log));
  put(log, 0, "b");
  beforehand();
  EXPECT_EQ(evidence(), "a b | ");
}

TEST_F(Beforehand, ALogThatLostItsTailIsExportedFromItsBegin) {
  put(log, 0, "a"), put(log, 0, "b"), put(log, 1, "c");
  beforehand();
  queue::StrictFake other{{.partitions = 2}};  // the same log behind a power cut: the offset of "b" went to another one
  ASSERT_TRUE(other.ensure_topic("tasks.default", {true, 0}));
  put(other, 0, "a"), put(other, 0, "x"), put(other, 1, "c");
  world.queue = &other;
  ASSERT_TRUE(export_queue(world, *journal, "tasks.default"));
  EXPECT_NE(evidence().find("| a x "), std::string::npos) << evidence();
}

TEST_F(Beforehand, WhatHasExpiredSinceIsStillThere) {
  put(log, 0, "a"), put(log, 0, "b");
  beforehand();
  log.hold_retention(false);
  put(log, 0, "c"), put(log, 0, "d");
  ASSERT_TRUE(log.trim("tasks.default", 0, 4));
  ASSERT_TRUE(export_queue(world, *journal, "tasks.default"));
  EXPECT_EQ(evidence(), "a b | d ");
}

}  // namespace
}  // namespace backstitch::recovery
