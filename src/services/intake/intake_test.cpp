#include "services/intake/intake.h"

#include <algorithm>

#include "base/hash.h"
#include "fold/fold.h"
#include "rules/fixture.h"
#include "services/testing.h"

namespace backstitch {
namespace {

using namespace testing;

class IntakeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ensure_topics(queue);
    catalog = library.store(fixture::catalog_text("mini")).value()->digest;
    intake.set_active_catalog(catalog);
  }

  static std::string order(const std::string& id, const std::string& product = "FIBER", const std::string& account = "A-1",
                           const std::string& more = "") {
    return R"({"source":"org1","sourceOrderId":")" + id + R"(","accountId":")" + account + "\"" + more +
           R"(,"items":[{"lineId":"1","product":")" + product + R"(","action":"Add","attributes":{"speed":500}}]})";
  }
  std::size_t incoming() { return all_records(queue, "incoming").size(); }
  static void expect_fails(Code code, const Result<Received>& result) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, code) << result.error().text();
  }
  /// What the engine makes of all that stands in the partition.
  Result<FoldedTurn> fold(Partition partition) {
    database::FakeTruth truth(partitions);
    const auto shard = truth.open_shard();
    Fold fold({}, library, *shard, [] { return Status(); });
    BS_TRY(fold.open(shard->claim({partition}).value()));
    std::vector<InputRecord> inputs;
    const auto records = queue.read("incoming", partition, 1, 1'000);
    for (const queue::Record& record : *records)
      inputs.push_back(
          {Log::incoming, partition, record.offset, record.appended, record.key, record.schema, record.headers, record.value});
    return fold.turn(inputs);
  }

  HookedQueue queue{queue::StrictSettings{partitions, wall_clock}};
  safe::StrictFake safe;
  CatalogLibrary library{safe};
  std::string catalog;
  std::vector<std::uint64_t> decided = std::vector<std::uint64_t>(partitions, 1);
  Intake intake{
      {partitions, 5}, queue, library, [this](Partition partition) { return decided[static_cast<std::size_t>(partition)]; }};
};

TEST_F(IntakeTest, ReceivedIsARecordWithActorAndDigest) {
  const auto received = intake.submit(order("O1"), "crm");
  ASSERT_TRUE(received.has_value()) << received.error().text();
  EXPECT_TRUE(received->fresh);
  EXPECT_EQ(received->partition, partition_of("A-1", partitions));
  const auto records = queue.read("incoming", received->partition, received->offset, 1);
  ASSERT_EQ(records->size(), 1u);
  const queue::Record& record = records->front();
  EXPECT_EQ(record.value, order("O1"));  // the very bytes: the digest is over them
  EXPECT_EQ(record.schema, "incoming.submit/1");
  EXPECT_EQ(record.key, "A-1");
  EXPECT_EQ(record.appended, received->at);
  const auto headers = object_of(record.headers);
  EXPECT_EQ(text_of(headers, "actor"), "crm");
  EXPECT_EQ(text_of(headers, "digest"), sha256_hex(order("O1")));
}

TEST_F(IntakeTest, SameAgainIsAnsweredAsTheFirstTime) {
  const auto first = intake.submit(order("O1"), "crm"), again = intake.submit(order("O1"), "crm");
  ASSERT_TRUE(again.has_value());
  EXPECT_FALSE(again->fresh);
  EXPECT_EQ(again->order, first->order);
  EXPECT_EQ(again->offset, first->offset);
  EXPECT_EQ(again->at, first->at);
  EXPECT_EQ(incoming(), 1u);
}

TEST_F(IntakeTest, SameIdWithAnotherBodyIsAConflict) {
  ASSERT_TRUE(intake.submit(order("O1"), "crm").has_value());
  expect_fails(Code::order_conflict, intake.submit(order("O1", "TV"), "crm"));
  expect_fails(Code::order_conflict, intake.submit(order("O1", "FIBER", "A-2"), "crm"));  // also when it would lie elsewhere
  EXPECT_EQ(incoming(), 1u);
}

TEST_F(IntakeTest, ASecondVersionIsASupplementWhateverItCallsItself) {
  ASSERT_TRUE(intake.submit(order("O1"), "crm").has_value());
  expect_fails(Code::supplement_unsupported, intake.submit(order("O1", "FIBER", "A-1", ",\"version\":2"), "crm"));
  EXPECT_TRUE(intake.submit(order("O2", "FIBER", "A-1", ",\"version\":1"), "crm").has_value());
  EXPECT_EQ(incoming(), 2u);
}

TEST_F(IntakeTest, OrderIdGivenIsTheOneTheEngineDerives) {
  const auto plain = intake.submit(order("O1"), "crm");
  const auto dated = intake.submit(order("O2", "FIBER", "A-1", R"(,"requestedAt":"2026-11-23T05:21:00Z")"), "crm");
  ASSERT_TRUE(plain.has_value() && dated.has_value());
  // Without a catalog both are rejected, under the ids they were given.
  const auto turn = fold(plain->partition);
  ASSERT_TRUE(turn.has_value()) << turn.error().text();
  ASSERT_EQ(turn->write.rows.orders.size(), 2u);
  std::set<OrderId> engines{turn->write.rows.orders[0].id, turn->write.rows.orders[1].id};
  EXPECT_EQ(engines, (std::set{plain->order, dated->order}));
}

TEST_F(IntakeTest, UnknownProductsAreAllNamed) {
  const std::string body =
      R"({"source":"org1","sourceOrderId":"O1","accountId":"A-1","items":[{"lineId":"1","product":"COPPER","action":"Add"},
    {"lineId":"2","product":"FIBER","action":"Add"},{"lineId":"3","product":"RADIO","action":"Add"}]})";
  const auto refused = intake.submit(body, "crm");
  expect_fails(Code::order_unknown_product, refused);
  ASSERT_EQ(refused.error().faults.size(), 2u);
  EXPECT_EQ(refused.error().faults[0].pointer, "/items/0/product");
  EXPECT_EQ(refused.error().faults[1].pointer, "/items/2/product");
  EXPECT_NE(refused.error().faults[1].detail.find("RADIO"), std::string::npos);
  EXPECT_EQ(incoming(), 0u);
}

TEST_F(IntakeTest, ShapeIsCheckedBeforeAnythingIsStored) {
  expect_fails(Code::json_invalid, intake.submit("{\"source\":", "crm"));
  expect_fails(Code::order_invalid, intake.submit("{}", "crm"));
  expect_fails(Code::order_invalid, intake.submit("[]", "crm"));
  const std::string supplement =
      order("O1", "FIBER", "A-1", R"(,"supplement":{"action":"Cancel","supersedes":{"sourceOrderId":"O0","version":1}})");
  expect_fails(Code::supplement_unsupported, intake.submit(supplement, "crm"));
  EXPECT_EQ(incoming(), 0u);
}

TEST_F(IntakeTest, WithoutACatalogNothingNewIsTaken) {
  ASSERT_TRUE(intake.submit(order("O1"), "crm").has_value());
  intake.set_active_catalog("");
  expect_fails(Code::catalog_none, intake.submit(order("O2"), "crm"));
  const auto again = intake.submit(order("O1"), "crm");
  ASSERT_TRUE(again.has_value());  // what was received is answered as before, whatever is active now
  EXPECT_FALSE(again->fresh);
}

TEST_F(IntakeTest, FullQueueIsSaidBeforeAnythingIsStored) {
  for (int n = 0; n < 5; ++n) ASSERT_TRUE(intake.submit(order("O" + std::to_string(n)), "crm").has_value());
  EXPECT_EQ(intake.backlog(), 5u);
  expect_fails(Code::queue_full, intake.submit(order("O5"), "crm"));
  expect_fails(Code::queue_full, intake.command("item-command", "A-1", "", "ann", "k1"));
  EXPECT_EQ(incoming(), 5u);
  const auto again = intake.submit_all({order("O5"), order("O4")}, "crm");
  expect_fails(Code::queue_full, again[0]);
  ASSERT_TRUE(again[1].has_value());
  EXPECT_FALSE(again[1]->fresh);
  decided[static_cast<std::size_t>(partition_of("A-1", partitions))] = 3;  // the shard has got on
  EXPECT_EQ(intake.backlog(), 3u);
  EXPECT_TRUE(intake.submit(order("O5"), "crm").has_value());
}

TEST_F(IntakeTest, BatchHasAResultForEachInOrder) {
  ASSERT_TRUE(intake.submit(order("O1"), "crm").has_value());
  const auto results =
      intake.submit_all({order("O2"), "nonsense", order("O1"), order("O1", "TV"), order("O3", "COPPER"), order("O2")}, "crm");
  ASSERT_EQ(results.size(), 6u);
  ASSERT_TRUE(results[0].has_value());
  EXPECT_TRUE(results[0]->fresh);
  expect_fails(Code::json_invalid, results[1]);
  ASSERT_TRUE(results[2].has_value());
  EXPECT_FALSE(results[2]->fresh);
  expect_fails(Code::order_conflict, results[3]);
  expect_fails(Code::order_unknown_product, results[4]);
  ASSERT_TRUE(results[5].has_value());  // twice in one batch: once in the log
  EXPECT_FALSE(results[5]->fresh);
  EXPECT_EQ(results[5]->order, results[0]->order);
  EXPECT_EQ(incoming(), 2u);
}

TEST_F(IntakeTest, BatchThatIsNotWrittenIsRefusedWhole) {
  queue.fail_next_append(Code::disk_full);
  const auto results = intake.submit_all({order("O1"), "nonsense", order("O2")}, "crm");
  expect_fails(Code::disk_full, results[0]);
  expect_fails(Code::json_invalid, results[1]);
  expect_fails(Code::disk_full, results[2]);
  EXPECT_EQ(incoming(), 0u);
}

TEST_F(IntakeTest, CommandIsTakenOncePerKey) {
  const auto first = intake.command("item-command", "A-1", ",\"command\":\"retry\"", "ann", "k1");
  const auto again = intake.command("item-command", "A-1", ",\"command\":\"retry\"", "ann", "k1");
  const auto other = intake.command("item-command", "A-1", ",\"command\":\"retry\"", "ann", "k2");
  ASSERT_TRUE(first.has_value() && again.has_value() && other.has_value());
  EXPECT_TRUE(first->fresh);
  EXPECT_FALSE(again->fresh);
  EXPECT_EQ(again->command, first->command);
  EXPECT_EQ(again->offset, first->offset);
  EXPECT_NE(other->command, first->command);
  ASSERT_EQ(incoming(), 2u);
  const auto record = all_records(queue, "incoming").front();
  EXPECT_EQ(record.schema, "incoming.item-command/1");
  const auto value = object_of(record.value);
  EXPECT_EQ(text_of(value, "commandId"), first->command.text());
  EXPECT_EQ(text_of(value, "actor"), "ann");
  EXPECT_EQ(text_of(value, "command"), "retry");
}

TEST_F(IntakeTest, CommandOfBeforeIsFoundByItsKey) {
  EXPECT_FALSE(intake.command_before("item-command", "A-1", "", "ann", "k1").value().has_value());
  const auto first = intake.command("item-command", "A-1", "", "ann", "k1");
  const auto before = intake.command_before("item-command", "A-1", "", "ann", "k1").value();
  ASSERT_TRUE(before.has_value());
  EXPECT_FALSE(before->fresh);
  EXPECT_EQ(before->command, first->command);
  EXPECT_EQ(before->at, first->at);
  EXPECT_FALSE(intake.command_before("task-command", "A-1", "", "ann", "k1").value().has_value());
  EXPECT_FALSE(intake.command_before("item-command", "A-1", "", "ann", "").value().has_value());
  EXPECT_EQ(intake.command_before("item-command", "A-1", ",\"x\":1", "ann", "k1").error().code, Code::idempotency_conflict);
  EXPECT_EQ(intake.command("item-command", "A-1", ",\"x\":1", "ann", "k1").error().code, Code::idempotency_conflict);
  EXPECT_EQ(intake.command("item-command", "A-1", "", std::string(256, 'a'), "k2").error().code, Code::order_field_invalid);
}

TEST_F(IntakeTest, CommandsWithoutAKeyAreNeverTheSame) {
  const auto first = intake.command("item-command", "A-1", "", "ann", ""),
             second = intake.command("item-command", "A-1", "", "ann", "");
  EXPECT_NE(first->command, second->command);
  EXPECT_EQ(incoming(), 2u);
}

TEST_F(IntakeTest, BroadcastReachesEveryPartitionOnce) {
  const auto first = intake.broadcast("catalog-activate", ",\"digest\":\"" + catalog + "\"", "ann", "k1");
  const auto again = intake.broadcast("catalog-activate", ",\"digest\":\"" + catalog + "\"", "ann", "k1");
  ASSERT_TRUE(first.has_value() && again.has_value());
  EXPECT_TRUE(first->fresh);
  EXPECT_FALSE(again->fresh);
  EXPECT_EQ(again->command, first->command);
  EXPECT_EQ(again->offset, first->offset);
  EXPECT_EQ(again->at, first->at);
  for (Partition partition = 0; partition < partitions; ++partition) {
    EXPECT_EQ(queue.read("incoming", partition, 1, 10)->size(), 1u);
    const auto turn = fold(partition);
    ASSERT_TRUE(turn.has_value()) << turn.error().text();
    EXPECT_EQ(turn->write.partitions.front().after.catalog_digest, catalog);
  }
}

TEST_F(IntakeTest, BroadcastNeedsRoomForAllOfIt) {
  ASSERT_TRUE(intake.submit_all({order("O1"), order("O2")}, "crm").back().has_value());
  expect_fails(Code::queue_full, intake.broadcast("system-command", "", "ann", "k1"));
  EXPECT_EQ(incoming(), 2u);
}

}  // namespace
}  // namespace backstitch
