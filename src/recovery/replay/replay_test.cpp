// The recorded order of two logs, and how it is read back. Whole replays: tests/recovery.
#include "recovery/replay/replay.h"

#include <gtest/gtest.h>

#include "base/hash.h"
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

TEST_F(RecordedOrderTest, EndsAtAnyPlaceOnIt) {
  mirror({{1, 4}, {5, 6}, {6, 8}});
  const auto until = [this](std::uint64_t completer, std::uint64_t incoming) {
    auto order = RecordedOrder::read(safe, p, false).value();
    const Status ended = order.end_at(completer, incoming);
    EXPECT_TRUE(ended) << completer << " " << incoming << ": " << (ended ? "" : ended.error().text());
    return order.runs();
  };
  EXPECT_EQ(until(1, 1), Runs());
  EXPECT_EQ(until(1, 2), (Runs{{i, 2}}));
  EXPECT_EQ(until(1, 4), (Runs{{i, 4}}));
  EXPECT_EQ(until(3, 4), (Runs{{i, 4}, {c, 3}}));
  EXPECT_EQ(until(5, 4), (Runs{{i, 4}, {c, 5}}));
  EXPECT_EQ(until(5, 5), (Runs{{i, 4}, {c, 5}, {i, 5}}));
  EXPECT_EQ(until(6, 8), (Runs{{i, 4}, {c, 5}, {i, 6}, {c, 6}, {i, 8}}));
}

TEST_F(RecordedOrderTest, RefusesToEndWhereNoTurnPassed) {
  mirror({{1, 4}, {5, 6}, {6, 8}});
  for (const auto& [completer, incoming] : {std::pair(2, 1), {2, 3}, {3, 5}, {6, 5}, {6, 9}, {7, 8}}) {
    auto order = RecordedOrder::read(safe, p, false).value();
    const Status ended = order.end_at(completer, incoming);
    ASSERT_FALSE(ended) << completer << " " << incoming;
    EXPECT_EQ(ended.error().code, Code::replay_misplaced);
  }
}

TEST_F(RecordedOrderTest, BeyondTheMirrorComesTheRestOfCompleterThenOfIncoming) {
  mirror({{2, 3}});
  archive("completer", 6), archive("incoming", 5);
  EXPECT_EQ(from(1, 1), (Runs{{c, 2}, {i, 3}}));
  EXPECT_EQ(from(1, 1, true), (Runs{{c, 2}, {i, 3}, {c, 6}, {i, 5}}));
}

TEST_F(RecordedOrderTest, ALogThatHasGrownBeyondTheMirrorGoesOnFromWhereItWasFolded) {
  mirror({{2, 3}});
  archive("completer", 6), archive("incoming", 5);
  EXPECT_EQ(from(2, 3, true), (Runs{{c, 6}, {i, 5}}));
  EXPECT_EQ(from(4, 3, true), (Runs{{c, 6}, {i, 5}}));
  EXPECT_EQ(from(4, 5, true), (Runs{{c, 6}})) << "incoming was folded to its end, and then a record came to completer";
  EXPECT_EQ(from(6, 4, true), (Runs{{i, 5}}));
  EXPECT_EQ(from(6, 5, true), Runs());
  const auto order = RecordedOrder::read(safe, p, true);
  EXPECT_EQ(order->from(at(1, 2)).error().code, Code::replay_misplaced) << "what the mirror holds has its order";
}

TEST_F(RecordedOrderTest, AnOrderThatIsToEndDoesNotGoOnBeyondTheMirror) {
  mirror({{2, 3}});
  archive("completer", 6), archive("incoming", 5);
  auto order = RecordedOrder::read(safe, p, true).value();
  ASSERT_TRUE(order.end_at(2, 3));
  EXPECT_EQ(order.from(at(2, 3)).value(), Runs());
}

TEST_F(RecordedOrderTest, ALineThatDoesNotGoOnIsDamage) {
  ASSERT_TRUE(safe.mirror_turns(p, {{1, turn_line(1, 2, 1, 2)}, {2, turn_line(3, 4, 2, 2)}}));
  EXPECT_EQ(RecordedOrder::read(safe, p, false).error().code, Code::checksum_mismatch);
  ASSERT_TRUE(safe.mirror_turns(p + 1, {{1, R"({"turn":"1"})"}}));
  EXPECT_EQ(RecordedOrder::read(safe, p + 1, false).error().code, Code::checksum_mismatch);
}

// After a recovery the live turns go on from its restore point, under higher numbers, over records that turns of before consumed.
TEST_F(RecordedOrderTest, TurnsThatBeginBehindTheRestorePointAddOnlyWhatIsNew) {
  auto add = [this](std::uint64_t number, int completer_from, int completer_to, int incoming_from, int incoming_to) {
    ASSERT_TRUE(safe.mirror_turns(p, {{number, turn_line(completer_from, completer_to, incoming_from, incoming_to)}}));
  };
  mirror({{1, 4}, {5, 6}, {6, 8}});
  add(4, 1, 3, 4, 5);   // inside
  add(5, 3, 6, 5, 7);   // inside, up to one end
  add(6, 6, 8, 7, 10);  // over the ends
  EXPECT_EQ(from(1, 1), (Runs{{i, 4}, {c, 5}, {i, 6}, {c, 6}, {i, 8}, {c, 8}, {i, 10}}));
  EXPECT_EQ(from(3, 4), (Runs{{c, 5}, {i, 6}, {c, 6}, {i, 8}, {c, 8}, {i, 10}})) << "a database of before can still go on";
  add(7, 2, 2, 5, 5);  // a second recovery, further back
  add(8, 2, 9, 5, 12);
  EXPECT_EQ(from(8, 10), (Runs{{c, 9}, {i, 12}}));
  add(9, 10, 11, 12, 12);
  EXPECT_EQ(RecordedOrder::read(safe, p, false).error().code, Code::checksum_mismatch) << "a hole is a hole";
}

class ExclusionsTest : public RecordedOrderTest {};

TEST_F(ExclusionsTest, AreKeptForEverWithWhatWasDistrusted) {
  const std::vector<Exclusion> first{{3, 2, "d1", "by \"mistake\""}, {4, 9, "d2", ""}}, second{{3, 7, "d3", "poison"}};
  EXPECT_TRUE(load_exclusions(safe)->empty());
  ASSERT_TRUE(keep_exclusions(safe, "rec-1", first, {{3, {{4, 9}}}}));
  ASSERT_TRUE(keep_exclusions(safe, "rec-1", first, {{3, {{4, 9}}}})) << "idempotent";
  ASSERT_TRUE(keep_exclusions(safe, "rec-2", second, {{3, {{12, 20}}}, {5, {{1, 2}}}}));
  const auto all = load_exclusions(safe);
  ASSERT_TRUE(all) << all.error().text();
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ(all->at({3, 2}), first[0]);
  EXPECT_EQ(all->at({3, 7}), second[0]);
  const Distrusted expected{{3, {{4, 9}, {12, 20}}}, {5, {{1, 2}}}};
  EXPECT_EQ(load_distrusted(safe).value(), expected);
  EXPECT_EQ(exclusions_from_json(exclusions_json(first)).value(), first);
  EXPECT_EQ(exclusions_from_json(R"([{"partition":1}])").error().code, Code::json_invalid);
  ASSERT_TRUE(safe.put("exclusions/rec-3.json", "{}"));
  EXPECT_EQ(load_exclusions(safe).error().code, Code::json_invalid);
}

TEST_F(ExclusionsTest, AreCheckedAgainstTheArchive) {
  archive("incoming", 4);
  const std::string digest = sha256_hex("{}");
  EXPECT_TRUE(check_exclusions(safe, {{p, 2, digest, ""}}));
  const Status wrong =
      check_exclusions(safe, {{p, 1, digest, ""}, {p, 2, sha256_hex("{ }"), ""}, {p, 4, digest, ""}, {5, 1, digest, ""}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::exclusion_invalid);
  EXPECT_EQ(wrong.error().detail,
            "partition 3 offset 2: another content stands there; partition 3 offset 4: no record is archived there; "
            "partition 5 offset 1: no record is archived there");
}

TEST_F(ExclusionsTest, DistrustReachesFromTheRestoredPositionsToTheEndOfTheReplay) {
  EXPECT_EQ(distrusted_between({at(3, 1)}, {at(6, 9)}), (Distrusted{{p, {{3, 6}}}}));
  EXPECT_EQ(distrusted_between({at(6, 1)}, {at(6, 9)}), Distrusted());
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

TEST_F(ArchiveCursorTest, ARecordThatStandsAloneIsATurnOfItsOwn) {
  mirror({{1, 3}, {3, 5}, {4, 6}});
  archive("completer", 4);
  std::vector<queue::Record> records;
  for (std::uint64_t offset = 1; offset < 6; ++offset)
    records.push_back({offset, Time{1'700'000'000'000'000}, "A-1",
                       offset == 2 || offset == 3 || offset == 5 ? "incoming.account-repair/1" : "incoming.x/1", "{}", "{}"});
  ASSERT_TRUE(safe.archive("incoming", p, records));
  EXPECT_EQ(turns(100), (Texts{"i1", "i2", "c1 c2", "i3", "i4", "c3", "i5"}));
  EXPECT_EQ(turns(1).size(), 8u);
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
