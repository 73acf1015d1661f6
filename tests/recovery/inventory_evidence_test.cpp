// The inventory rows of services are deleted and nothing is restored: the sheet made from the archive alone is what the rows
// were, field by field.
#include <gtest/gtest.h>

#include "base/log.h"
#include "base/testing.h"
#include "recovery/inventory/check.h"
#include "recovery/inventory/sheet.h"
#include "stores/database/postgres/connection.h"
#include "world/crowd.h"

namespace backstitch::world {
namespace {

using Sheets = std::map<std::string, std::string>;  // by account

Sheets sheets_of(const std::vector<database::StoredAccount>& accounts) {
  Sheets out;
  for (const database::StoredAccount& account : accounts)
    if (const std::string sheet = recovery::sheet_entries(account); !sheet.empty()) out[account.account_id] = sheet;
  return out;
}

class InventoryEvidence : public ::testing::Test {
 protected:
  void SetUp() override {
    ++worlds;
    open_log("/dev/null", LogLevel::error, "test");
    ASSERT_TRUE(world.start());
    ASSERT_TRUE(world.activate_catalog(catalog_text(1), "first"));
    for (int round = 0; services() < 60 && round < 20; ++round) {
      crowd.submit_orders(40);
      testing::wait_until([this] { return crowd.settle() && world.all_decided(); }, 20'000);
    }
    ASSERT_GE(services(), 60u);
  }
  std::vector<database::StoredAccount> live(const std::string& account = "") {
    std::vector<database::StoredAccount> out;
    EXPECT_TRUE(recovery::for_each_account(world.database(), account, [&](const database::StoredAccount& one) -> Status {
      out.push_back(one);
      return {};
    }));
    return out;
  }
  std::size_t services() {
    std::size_t count = 0;
    for (const database::StoredAccount& account : live()) count += account.inventory.size();
    return count;
  }
  std::vector<database::StoredAccount> evidence(const std::string& account = "") {
    const auto found =
        recovery::accounts_from_evidence(world.safe(), {world.settings().partitions, world.settings().engine, account});
    EXPECT_TRUE(found) << found.error().text();
    return found ? *found : std::vector<database::StoredAccount>();
  }
  /// Past the engine, as a job would. Each test has the next database of this program.
  static void plain_sql(const std::string& sql) {
    const std::string name = " dbname=world_" + std::to_string(worlds);
    auto connection = database::Connection::open(shared_cluster().cluster().connection() + name);
    ASSERT_TRUE(connection) << connection.error().text();
    const Status done = connection->execute(sql);
    ASSERT_TRUE(done) << done.error().text();
  }
  static inline int worlds = 0;

  StubSystems systems{11, 0.1};
  World world{WorldSettings{.partitions = 8, .shard_threads = 2}, systems};
  Crowd crowd{world, 11};
};

TEST_F(InventoryEvidence, EqualsTheDeletedRowsFieldByField) {
  ASSERT_TRUE(world.stop());
  const Sheets before = sheets_of(live());
  const std::size_t count = services();
  plain_sql("delete from backstitch.inventory where id in (select id from backstitch.inventory order by id limit 50)");
  ASSERT_EQ(services(), count - 50);
  ASSERT_NE(sheets_of(live()), before);
  const auto calls = systems.calls();
  EXPECT_EQ(sheets_of(evidence()), before);
  const std::string account = before.begin()->first;
  EXPECT_EQ(sheets_of(evidence(account)), (Sheets{{account, before.at(account)}})) << "of one account alone";
  EXPECT_EQ(systems.calls(), calls) << "nothing is called";
  EXPECT_NE(before.at(account).find("\"serviceRecord\":{\""), std::string::npos) << before.at(account);
}

TEST_F(InventoryEvidence, RepairedByAnInputTheRowsAreAgainWhatTheLogMakesOfThem) {
  const Sheets before = sheets_of(live());
  plain_sql(
      "update backstitch.inventory set asset_id = null, no_asset_reason = 'gone' where id in"
      " (select id from backstitch.inventory where asset_id is not null order by id limit 5)");
  auto check = recovery::check_inventory(world.database(), world.library(), "");
  ASSERT_TRUE(check) << check.error().text();
  ASSERT_EQ(check->orphans.size(), 5u);
  for (const recovery::Orphan& orphan : check->orphans) {
    ASSERT_EQ(orphan.kind, "unlinked");
    ASSERT_TRUE(
        world.intake().command("inventory-repair", orphan.account_id,
                               fmt::format(R"(,"accountId":"{}","reason":"r","links":[{{"inventoryId":"{}","assetId":"{}"}}])",
                                           orphan.account_id, orphan.inventory->text(), orphan.asset->text()),
                               "ann", ""));
  }
  ASSERT_TRUE(testing::wait_until([this] { return world.all_decided(); }, 20'000));
  check = recovery::check_inventory(world.database(), world.library(), "");
  EXPECT_TRUE(check->orphans.empty()) << recovery::inventory_check_json(*check) << " and a world that is whole has none";
  EXPECT_EQ(sheets_of(live()), before);
  ASSERT_TRUE(world.stop());
  EXPECT_EQ(sheets_of(evidence()), before) << "the repair is folded too, and changes nothing there";
}

}  // namespace
}  // namespace backstitch::world
