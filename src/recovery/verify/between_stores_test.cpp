// Each of these checks holds on what a fold and its log leave behind, and finds what was put wrong in one store alone.
#include "recovery/verify/between_stores.h"

#include "recovery/reconcile/reconcile_testing.h"
#include "stores/objects/strict_fake.h"
#include "stores/queue/strict_fake.h"

namespace backstitch::recovery {
namespace {

class BetweenStoresTest : public ReconcileTest {
 protected:
  void SetUp() override {
    ReconcileTest::SetUp();
    submit("keyed");
    for (const char* topic : {"incoming", "completer", "order_orderitems"}) {
      ASSERT_TRUE(log.ensure_topic(topic, {true, 0}));
      put(topic, static_cast<int>(offsets[topic]));
    }
    put("order_orderitems", 3);
  }
  void put(const std::string& topic, int count) {
    for (int n = 0; n < count; ++n)
      EXPECT_OK(log.append({{.topic = topic, .partition = partition, .key = "A-1", .schema = topic + ".x/1", .value = "{}"}}));
  }
  void plain_sql(const std::string& sql) {
    auto session = database::Connection::open(database::shared_cluster().cluster().connection());
    ASSERT_TRUE(session);
    EXPECT_OK(session->execute("set search_path = backstitch; " + sql));
  }
  static void expect_one(const Result<Wrong>& found, const std::string& words) {
    ASSERT_TRUE(found) << found.error().text();
    ASSERT_EQ(found->size(), 1u);
    EXPECT_NE(found->begin()->second.find(words), std::string::npos) << found->begin()->second;
  }
  static void expect_none(const Result<Wrong>& found) {
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_TRUE(found->empty()) << found->begin()->second;
  }
  Result<Wrong> catalogs(const std::set<std::string>& active = {}) { return catalogs_differ(safe, *database, &objects, active); }
  Result<Wrong> positions(bool crm_reads = true) { return positions_off_the_log(log, *database, crm_reads); }
  Result<Wrong> numbers() { return numbers_given_again(log, safe, *database); }
  std::string digest() { return database->positions()->front().catalog_digest; }

  queue::StrictFake log{{.partitions = partitions}};
  objects::StrictFake objects;
};

TEST_F(BetweenStoresTest, NothingIsWrongWithWhatAFoldLeaves) {
  expect_none(catalogs());
  expect_none(positions());
  expect_none(positions_before(*database, "incoming", {{partition, offsets["incoming"] + 1}}));
  expect_none(numbers());
}

TEST_F(BetweenStoresTest, V11_AVersionInUseThatTheDatabaseLacks) {
  plain_sql("delete from catalog_version");
  expect_one(catalogs(), "safe ok, database missing");
}
TEST_F(BetweenStoresTest, V11_AVersionThatIsAnotherInOneStore) {
  plain_sql("update catalog_version set content = replace(content, '\"index\":1', '\"index\":2')");
  expect_one(catalogs(), "safe ok, database damaged");
}
TEST_F(BetweenStoresTest, V11_AVersionThatTheSafeLost) {
  EXPECT_OK(safe.put("catalogs/" + digest(), "{}"));
  expect_one(catalogs(), "safe damaged, database ok");
}
TEST_F(BetweenStoresTest, V11_AnObjectMayBeMissingButNotAnother) {
  EXPECT_OK(objects.put("catalog/" + digest(), settling_catalog()));
  expect_none(catalogs());
  EXPECT_OK(objects.put("catalog/" + digest(), "{}"));
  expect_one(catalogs(), "objects damaged");
}
TEST_F(BetweenStoresTest, V11_WhatOnlyTheSafeHasIsLackedByNobodyUnlessItIsInUse) {
  std::string text = settling_catalog();
  const auto other = library.store(text.replace(text.find("\"index\":1"), 9, "\"index\":2"));
  ASSERT_TRUE(other) << other.error().text();
  expect_none(catalogs());
  expect_one(catalogs({(*other)->digest}), "safe ok, database missing");
}

TEST_F(BetweenStoresTest, V13_APositionBeyondTheEnd) {
  plain_sql("update position set completer = 9");
  const auto found = positions();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size(), 2u) << "in both partitions";
}
TEST_F(BetweenStoresTest, V13_APositionBeforeWhatIsStillThere) {
  EXPECT_OK(log.trim("order_orderitems", partition, 3));
  expect_one(positions(), "1 is to be read next, and what is still there begins at 3");
  expect_none(positions(false));  // what nobody delivers may expire
  EXPECT_OK(database->store_crm_positions({{partition, 3}}));
  expect_none(positions());
  EXPECT_OK(database->store_crm_positions({{partition, 5}}));
  expect_one(positions(), "order_orderitems");
}
TEST_F(BetweenStoresTest, V13_ADrainedTopicIsNotReadAgain) {
  EXPECT_OK(database->store_crm_positions({{partition, 3}}));
  expect_none(positions_before(*database, "order_orderitems", {{partition, 3}}));
  expect_one(positions_before(*database, "order_orderitems", {{partition, 4}}), "3 is to be read next");
  expect_one(positions_before(*database, "incoming", {{partition, offsets["incoming"] + 2}}), "incoming");
}

TEST_F(BetweenStoresTest, V16_ATurnNumberThatTheMirrorHasSeen) {
  const std::uint64_t last = *safe.mirrored_turn(partition);
  EXPECT_OK(safe.mirror_turns(partition, {{last + 1, "{}"}}));
  expect_one(numbers(), fmt::format("turn {} comes next, and the mirror has turns up to {}", last + 1, last + 1));
  plain_sql(fmt::format("update position set turn = {} where partition = {}", last + 1, partition));
  expect_none(numbers());  // as after a recovery: the numbers have jumped
}
TEST_F(BetweenStoresTest, V16_AnOffsetThatTheArchiveHasSeen) {
  append("completer", "completer.x/1", "{}");
  expect_one(numbers(), "completer");
  put("completer", 1);
  expect_none(numbers());
}

TEST(Lasting, WhatPassesByIsNotWrong) {
  const std::vector<Wrong> seen = {{{"a", "at first"}, {"b", "always"}}, {{"b", "always"}}, {{"b", "always"}, {"c", "at last"}}};
  std::size_t looked = 0, paused = 0;
  const auto look = [&]() -> Result<Wrong> { return seen[looked++ % seen.size()]; };
  const auto stays = lasting(look, [&] { return ++paused; }, 3);
  ASSERT_TRUE(stays);
  EXPECT_EQ(*stays, (Wrong{{"b", "always"}}));
  EXPECT_EQ(std::pair(looked, paused), std::pair(std::size_t{3}, std::size_t{2}));
  EXPECT_EQ(lasting(look, [] { return false; }, 3).error().code, Code::not_running);
  looked = 0;
  const auto nothing = lasting([&]() -> Result<Wrong> { return ++looked, Wrong(); }, [] { return true; }, 3);
  ASSERT_TRUE(nothing);
  EXPECT_EQ(looked, 1u);
}

TEST_F(BetweenStoresTest, TheFirstTwentyAreRowsAndAllAreCounted) {
  Wrong wrong;
  for (int n = 0; n < 25; ++n) wrong[std::to_string(n)] = "\"quoted\"";
  const auto made = violation_of("V-16", "more", "fold", wrong);
  EXPECT_EQ(made.count, 25);
  EXPECT_EQ(made.rows.size(), 20u);
  EXPECT_EQ(made.rows.front(), R"("\"quoted\"")");
  std::vector<database::Violation> all = {{"V-16", "ids", "engine", 1, {"{}"}}};
  join(all, made);
  join(all, {"V-17", "outcomes", "fold", 0, {}});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].count, 26);
  EXPECT_EQ(all[0].rows.size(), 20u);
  EXPECT_EQ(all[0].title, "ids; more");
}

}  // namespace
}  // namespace backstitch::recovery
