#include "services/archiver/archiver.h"

#include "services/testing.h"
#include "stores/database/testing/samples.h"

namespace backstitch {
namespace {

using namespace testing;

class ArchiverTest : public ::testing::Test {
 protected:
  ArchiverTest() : queue(queue::StrictSettings{partitions, [this] { return wall_clock().plus_ms(-clock_behind_ms); }}) {}
  void SetUp() override { ensure_topics(queue); }

  /// Goes round only when a test says so; expires in each round.
  std::unique_ptr<Archiver> open(bool crm_reads = false) {
    return std::make_unique<Archiver>(ArchiverSettings{partitions, 3'600'000, 0, crm_reads}, queue, database, safe);
  }

  void put(const std::string& topic, Partition partition, int count) {
    for (int n = 0; n < count; ++n) {
      queue::Append append;
      append.topic = topic, append.partition = partition, append.key = "A-1", append.schema = topic + ".test/1";
      append.value = "{\"n\":" + std::to_string(n) + "}";
      ASSERT_TRUE(queue.append({std::move(append)}).has_value());
    }
  }
  void commit_turns(Partition partition, int count) {
    const auto shard = database.truth.open_shard();
    auto position = shard->claim({partition}).value().front();
    for (int n = 0; n < count; ++n) {
      database::TurnWrite turn;
      turn.partitions.push_back(database::samples::next_turn(position, 1, 0, database::samples::at(n)));
      ASSERT_TRUE(shard->send_turn(turn));
      ASSERT_TRUE(shard->await_turn());
    }
  }
  std::vector<std::string> archived(const std::string& topic, Partition partition) {
    std::vector<std::string> values;
    EXPECT_TRUE(safe.read_archive(topic, partition, 1,
                                  [&](const queue::Record& record) { return values.push_back(record.value), true; }));
    return values;
  }

  std::atomic<std::int64_t> clock_behind_ms{0};  // of the log
  HookedQueue queue;
  FakeDatabase database;
  safe::StrictFake safe{partitions};
};

TEST_F(ArchiverTest, EverythingDurableIsInTheSafeBehindAFlush) {
  const auto archiver = open();
  put("incoming", 0, 3), put("incoming", 3, 1), put("completer", 2, 2), put("schedule", 0, 1);
  ASSERT_TRUE(archiver->flush());
  EXPECT_EQ(archived("incoming", 0), (std::vector<std::string>{"{\"n\":0}", "{\"n\":1}", "{\"n\":2}"}));
  EXPECT_EQ(archived("incoming", 3).size(), 1u);
  EXPECT_EQ(archived("completer", 2).size(), 2u);
  EXPECT_EQ(archiver->lag(), 0u);
  put("incoming", 0, 1);
  ASSERT_TRUE(archiver->flush());
  EXPECT_EQ(archived("incoming", 0).size(), 4u);
}

TEST_F(ArchiverTest, AnotherRoundArchivesNothingTwice) {
  const auto archiver = open();
  put("incoming", 0, 3);
  ASSERT_TRUE(archiver->flush());
  const auto writes = safe.writes();
  ASSERT_TRUE(archiver->flush());
  EXPECT_EQ(safe.writes(), writes);
}

TEST_F(ArchiverTest, EveryCommittedTurnIsMirroredAlsoAfterALongAbsence) {
  commit_turns(1, 2'500);  // more than one read
  const auto archiver = open();
  ASSERT_TRUE(archiver->flush());
  EXPECT_EQ(safe.mirrored_turn(1).value(), 2'500u);
  EXPECT_EQ(safe.mirrored_turn(0).value(), 0u);
  std::uint64_t expected = 0;
  ASSERT_TRUE(safe.read_turns(1, [&](std::uint64_t turn, const std::string& line) {
    EXPECT_NE(line.find("\"turn\":\"" + std::to_string(turn) + "\""), std::string::npos);
    return turn == ++expected;
  }));
  EXPECT_EQ(expected, 2'500u);
}

TEST_F(ArchiverTest, LagIsShownWhileTheSafeTakesNothing) {
  const auto archiver = open();
  put("incoming", 0, 3), put("completer", 1, 2);
  safe.fail_next_write(Code::disk_full);
  const Status failed = archiver->flush();
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, Code::disk_full);
  EXPECT_EQ(archiver->lag(), 5u);
  ASSERT_TRUE(archiver->flush());
  EXPECT_EQ(archiver->lag(), 0u);
}

TEST_F(ArchiverTest, NothingExpiresBeforeItIsArchived) {
  clock_behind_ms = 3 * 3'600'000;  // retention is two hours
  put("incoming", 0, 3);
  clock_behind_ms = 0;
  put("incoming", 0, 1);
  commit_turns(0, 4);  // all are read
  const auto archiver = open();
  safe.fail_next_write(Code::safe_failed);
  ASSERT_FALSE(archiver->flush().has_value());
  EXPECT_EQ(queue.topic("incoming")->partitions[0].begin, 1u);
  ASSERT_TRUE(archiver->flush());
  EXPECT_EQ(queue.topic("incoming")->partitions[0].begin, 4u);
  EXPECT_EQ(archived("incoming", 0).size(), 4u);
}

TEST_F(ArchiverTest, NothingExpiresThatIsStillToBeRead) {
  clock_behind_ms = 3 * 3'600'000;
  put("incoming", 0, 3), put("order_orderitems", 1, 3);
  commit_turns(0, 2);  // the shard stood still before the third
  ASSERT_TRUE(database.store_crm_positions({{1, 2}}));
  const auto archiver = open(true);
  ASSERT_TRUE(archiver->flush());
  EXPECT_EQ(queue.topic("incoming")->partitions[0].begin, 3u);
  EXPECT_EQ(queue.topic("order_orderitems")->partitions[1].begin, 2u);
}

TEST_F(ArchiverTest, UpdatesForACrmThatIsNotThereExpire) {
  clock_behind_ms = 3 * 3'600'000;
  put("order_orderitems", 1, 3);
  const auto archiver = open(false);
  ASSERT_TRUE(archiver->flush());
  EXPECT_EQ(queue.topic("order_orderitems")->partitions[1].begin, 4u);
}

TEST_F(ArchiverTest, NothingExpiresWhileTurnsCannotBeMirrored) {
  clock_behind_ms = 3 * 3'600'000;
  put("incoming", 0, 3);
  commit_turns(0, 3);
  database.reachable = false;
  const auto archiver = open();
  ASSERT_FALSE(archiver->flush().has_value());
  EXPECT_EQ(archived("incoming", 0).size(), 3u);  // the log is archived all the same
  EXPECT_EQ(queue.topic("incoming")->partitions[0].begin, 1u);
  database.reachable = true;
  ASSERT_TRUE(archiver->flush());
  EXPECT_EQ(queue.topic("incoming")->partitions[0].begin, 4u);
}

TEST_F(ArchiverTest, ItGoesRoundByItselfAndOnceMoreAtItsEnd) {
  {
    Archiver archiver(ArchiverSettings{partitions, 5, 10'000}, queue, database, safe);
    put("incoming", 0, 2);
    EXPECT_TRUE(wait_until([&] { return safe.archived_end("incoming", 0).value() == 3; }));
  }
  {
    const auto archiver = open();
    put("completer", 1, 2);
  }
  EXPECT_EQ(archived("completer", 1).size(), 2u);
}

}  // namespace
}  // namespace backstitch
