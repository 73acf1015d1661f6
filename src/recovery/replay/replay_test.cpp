// The recorded order of two logs, and how it is read back. Whole replays: tests/recovery.
#include "recovery/replay/replay.h"

#include <gtest/gtest.h>

#include "recovery/replay/archive_cursor.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::recovery {
namespace {

constexpr Partition p = 3;
using Runs = std::vector<recovery::Run>;

std::string turn_line(int completer_from, int completer_to, int incoming_from, int incoming_to) {
  return fmt::format(R"({{"turn":"1","incoming":["{}","{}"],"completer":["{}","{}"]}})", incoming_from, incoming_to,
                     completer_from, completer_to);
}

class RecordedOrderTest : public ::testing::Test {
 protected:
  /// Turns by how far each went: {completer, incoming}.
  void mirror(const std::vector<std::pair<int, int>>& turns) {
    std::vector<std::pair<std::uint64_t, std::string>> lines;
    int completer = 1, incoming = 1;
    for (const auto& [completer_to, incoming_to] : turns) {
      lines.emplace_back(lines.size() + 1, turn_line(completer, completer_to, incoming, incoming_to));
      completer = completer_to, incoming = incoming_to;
    }
    ASSERT_TRUE(safe.mirror_turns(p, lines));
  }
  void archive(const std::string& topic, std::uint64_t end) {
    std::vector<queue::Record> records;
    for (std::uint64_t offset = 1; offset < end; ++offset)
      records.push_back({offset, Time{1'700'000'000'000'000}, "A-1", topic + ".x/1", "{}", "{}"});
    ASSERT_TRUE(safe.archive(topic, p, records));
  }
  Runs from(std::uint64_t completer, std::uint64_t incoming, bool beyond = false) {
    const auto order = RecordedOrder::read(safe, p, beyond);
    EXPECT_TRUE(order) << order.error().text();
    const auto runs = order->from(at(completer, incoming));
    EXPECT_TRUE(runs) << runs.error().text();
    return runs ? *runs : Runs();
  }
  static database::Position at(std::uint64_t completer, std::uint64_t incoming) {
    database::Position position;
    position.partition = p, position.completer = completer, position.incoming = incoming;
    return position;
  }
  safe::StrictFake safe;
};

constexpr Log c = Log::completer, i = Log::incoming;

TEST_F(RecordedOrderTest, OfNoTurnsIsEmpty) { EXPECT_EQ(from(1, 1), Runs()); }

TEST_F(RecordedOrderTest, AlternatesAndMergesWhatNothingParts) {
  mirror({{1, 4}, {3, 4}, {5, 6}, {5, 8}, {6, 8}});
  EXPECT_EQ(from(1, 1), (Runs{{i, 4}, {c, 5}, {i, 8}, {c, 6}}));
}

TEST_F(RecordedOrderTest, GoesOnFromAnyPlaceOnIt) {
  mirror({{1, 4}, {5, 6}, {6, 8}});
  EXPECT_EQ(from(1, 2), (Runs{{i, 4}, {c, 5}, {i, 6}, {c, 6}, {i, 8}}));
  EXPECT_EQ(from(1, 4), (Runs{{c, 5}, {i, 6}, {c, 6}, {i, 8}}));
  EXPECT_EQ(from(3, 4), (Runs{{c, 5}, {i, 6}, {c, 6}, {i, 8}}));
  EXPECT_EQ(from(5, 5), (Runs{{i, 6}, {c, 6}, {i, 8}}));
  EXPECT_EQ(from(6, 8), Runs());
  EXPECT_EQ(from(9, 9), Runs()) << "behind the end: nothing is left";
}

TEST_F(RecordedOrderTest, RefusesAPlaceThatNoTurnPassed) {
  mirror({{1, 4}, {5, 6}, {6, 8}});
  const auto order = RecordedOrder::read(safe, p, false);
  for (const auto& [completer, incoming] : {std::pair(2, 1), {2, 3}, {3, 5}, {6, 5}}) {
    const auto runs = order->from(at(completer, incoming));
    ASSERT_FALSE(runs) << completer << " " << incoming;
    EXPECT_EQ(runs.error().code, Code::replay_misplaced);
  }
}

TEST_F(RecordedOrderTest, BeyondTheMirrorComesTheRestOfCompleterThenOfIncoming) {
  mirror({{2, 3}});
  archive("completer", 6), archive("incoming", 5);
  EXPECT_EQ(from(1, 1), (Runs{{c, 2}, {i, 3}}));
  EXPECT_EQ(from(1, 1, true), (Runs{{c, 2}, {i, 3}, {c, 6}, {i, 5}}));
}

TEST_F(RecordedOrderTest, ALineThatDoesNotGoOnIsDamage) {
  ASSERT_TRUE(safe.mirror_turns(p, {{1, turn_line(1, 2, 1, 2)}, {2, turn_line(3, 4, 2, 2)}}));
  EXPECT_EQ(RecordedOrder::read(safe, p, false).error().code, Code::checksum_mismatch);
  ASSERT_TRUE(safe.mirror_turns(p + 1, {{1, R"({"turn":"1"})"}}));
  EXPECT_EQ(RecordedOrder::read(safe, p + 1, false).error().code, Code::checksum_mismatch);
}

class ArchiveCursorTest : public RecordedOrderTest {
 protected:
  /// The records of one turn, "c1 c2 i1".
  static std::string text(const std::vector<InputRecord>& records) {
    std::string out;
    for (const InputRecord& record : records)
      out += (out.empty() ? "" : " ") + std::string(record.log == c ? "c" : "i") + std::to_string(record.offset);
    return out;
  }
  std::vector<std::string> turns(std::size_t records_max, std::uint64_t completer = 1, std::uint64_t incoming = 1) {
    ArchiveCursor cursor(safe, at(completer, incoming), from(completer, incoming));
    std::vector<std::string> out;
    while (!cursor.at_end()) {
      std::vector<InputRecord> records;
      const Status taken = cursor.take(records_max, records);
      EXPECT_TRUE(taken) << (taken ? "" : taken.error().text());
      if (!taken || records.empty()) break;
      out.push_back(text(records));
    }
    return out;
  }
  using Texts = std::vector<std::string>;
};

TEST_F(ArchiveCursorTest, MergesAndSplitsTurnsButNeverPutsCompleterBehindIncoming) {
  mirror({{1, 3}, {3, 3}, {4, 4}, {4, 6}});
  archive("completer", 4), archive("incoming", 6);
  EXPECT_EQ(turns(100), (Texts{"i1 i2", "c1 c2 c3 i3 i4 i5"}));
  EXPECT_EQ(turns(2), (Texts{"i1 i2", "c1 c2", "c3 i3", "i4 i5"}));
  EXPECT_EQ(turns(1).size(), 8u);
  EXPECT_EQ(turns(100, 2, 3), (Texts{"c2 c3 i3 i4 i5"}));
}

TEST_F(ArchiveCursorTest, AMissingRecordIsNamed) {
  mirror({{1, 5}});
  archive("incoming", 3);
  ArchiveCursor cursor(safe, at(1, 1), from(1, 1));
  std::vector<InputRecord> records;
  Status taken;
  while (taken && !cursor.at_end()) taken = cursor.take(1, records);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Code::archive_gap);
  EXPECT_NE(taken.error().detail.find("offset 3"), std::string::npos) << taken.error().detail;
}

TEST_F(ArchiveCursorTest, ReadsMoreThanOnePiece) {
  mirror({{5001, 4001}});
  archive("completer", 5001), archive("incoming", 4001);
  std::size_t count = 0;
  for (const std::string& turn : turns(997)) count += static_cast<std::size_t>(std::count(turn.begin(), turn.end(), ' ')) + 1;
  EXPECT_EQ(count, 9000u);
}

}  // namespace
}  // namespace backstitch::recovery
