// On a healthy platform every invariant holds; what is put wrong in one store alone is found by the check that compares it.
#include "api/store_checks.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/platform.h"
#include "base/json.h"
#include "base/net/http_client.h"
#include "base/testing.h"
#include "rules/fixture.h"
#include "stores/database/postgres/connection.h"

namespace backstitch {
namespace {

namespace json = boost::json;
using testing::wait_until;

class StoreChecksTest : public ::testing::Test {
 protected:
  // Its one order waits for a time that does not come: there is a timer.
  static void SetUpTestSuite() {
    scratch = new testing::ScratchFolder();
    Config config = load_config("").value();
    config.data = scratch->path() + "/data", config.partitions = 2;
    config.port = config.metrics_port = config.workers_port = 0;
    config.lanes = {{"default", {0, 1}}};
    config.backup_every_ms = 0, config.verify_every_ms = 500;
    auto started = Platform::start(config);
    ASSERT_TRUE(started.has_value()) << started.error().text();
    platform = started->release();
    const HttpAnswer stored = post("/catalog/versions", catalog());
    ASSERT_EQ(stored.status, 201) << stored.body;
    digest = std::string(parse_json(stored.body).value().at("digest").as_string());
    ASSERT_EQ(post("/catalog/versions/" + digest + "/activate?wait=20s", "{}").status, 200);
    ASSERT_EQ(post("/orders", R"({"source":"org1","sourceOrderId":"W1","accountId":"A-1","items":[{"lineId":"1",)"
                              R"("product":"FIBER","action":"Add","attributes":{"speed":500}}]})")
                  .status,
              202);
    ASSERT_TRUE(wait_until([] { return platform->scheduler()->waiting() == 1; }, 30'000));
  }
  static void TearDownTestSuite() {
    if (platform) {
      platform->stop();
      EXPECT_TRUE(platform->cluster().purge());
    }
    delete platform;
    delete scratch;
    platform = nullptr, scratch = nullptr;
  }
  void TearDown() override { expect_holds(""); }

  static std::string catalog() {
    std::string text = fixture::catalog_text("mini");
    const std::string callout = R"("interface": "noc.provision")";
    EXPECT_NE(text.find(callout), std::string::npos);
    return text.insert(text.find(callout), R"("processAfter": "2099-01-01T00:00:00Z", )");
  }
  static HttpAnswer post(const std::string& path, const std::string& body) {
    HttpCall call;
    const auto endpoints = parse_json(platform->endpoints_json()).value();
    call.method = "POST", call.url = std::string(endpoints.at("api").as_string()) + "/api/v1" + path, call.body = body;
    return HttpClient().call(call);
  }
  /// Past the engine, as an intruder would.
  static void plain_sql(const std::string& sql) {
    auto session = database::Connection::open(platform->cluster().connection());
    ASSERT_TRUE(session);
    const Status done = session->execute("set search_path = backstitch; " + sql);
    ASSERT_TRUE(done) << done.error().text();
  }
  static json::array verified(const std::string& only) {
    const HttpAnswer answer = post("/verify?only=" + only, "{}");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.status == 200 ? parse_json(answer.body).value().at("items").as_array() : json::array();
  }
  static void expect_holds(const std::string& only) {
    for (const json::value& item : verified(only)) EXPECT_TRUE(item.at("ok").as_bool()) << write_json(item);
  }
  static void expect_found(const std::string& id, const std::string& words) {
    const json::array items = verified(id);
    ASSERT_EQ(items.size(), 1u);
    EXPECT_EQ(items[0].at("id").as_string(), id);
    EXPECT_GT(items[0].at("count").to_number<int>(), 0);
    EXPECT_NE(write_json(items[0].at("rows")).find(words), std::string::npos) << write_json(items[0]);
  }

  static inline testing::ScratchFolder* scratch = nullptr;
  static inline Platform* platform = nullptr;
  static inline std::string digest;
};

TEST_F(StoreChecksTest, AllAreAskedAndNoneClaimsMoreThanThereIs) {
  std::string ids;
  for (const json::value& item : verified("")) {
    ids += std::string(item.at("id").as_string()) + " ";
    EXPECT_FALSE(item.at("title").as_string().empty() || item.at("owner").as_string().empty()) << write_json(item);
  }
  EXPECT_EQ(ids, "V-1 V-2 V-3 V-4 V-5 V-6 V-7 V-8 V-10 V-11 V-12 V-13 V-14 V-15 V-16 V-17 ");
  EXPECT_EQ(post("/verify?only=V-9", "{}").status, info(Code::usage).http) << "nothing is encrypted in this version";
}

TEST_F(StoreChecksTest, V11_ACatalogThatIsAnotherInTheSafe) {
  ASSERT_TRUE(platform->safe().put("catalogs/" + digest, "{}"));
  expect_found("V-11", "safe damaged");
  ASSERT_TRUE(platform->safe().put("catalogs/" + digest, catalog()));
}
TEST_F(StoreChecksTest, V11_ADoorThatChecksAgainstAnotherCatalogThanOrdersMeet) {
  platform->intake().set_active_catalog("");
  expect_found("V-11", "the door checks them against");
  platform->intake().set_active_catalog(digest);
}

TEST_F(StoreChecksTest, V12_AnotherWishThanTheConfigurationAndTheKeeperSeesIt) {
  ASSERT_TRUE(platform->database().store_desired_workers({{"default", 0, 7}}));
  expect_found("V-12", "wishes for other workers");
  EXPECT_TRUE(wait_until([] { return platform->keeper()->violations() == 1; }, 60'000)) << platform->keeper()->last_verify();
  ASSERT_TRUE(platform->database().store_desired_workers(platform->configured_workers()));
}

TEST_F(StoreChecksTest, V13_APositionBeyondTheEndOfItsLog) {
  plain_sql("update position set completer = completer + 1000 where partition = 1");
  expect_found("V-13", "completer partition 1");
  plain_sql("update position set completer = completer - 1000 where partition = 1");
}

TEST_F(StoreChecksTest, V14_AnItemWhoseTimerIsNotKept) {
  plain_sql("update item set due_at = due_at + interval '1 hour' where due_at is not null");
  expect_found("V-14", "2099-01-01T01:00:00");
  plain_sql("update item set due_at = now() - interval '1 hour' where due_at is not null");  // long gone off, and nothing came
  expect_found("V-14", "no timer is kept");
  plain_sql("update item set due_at = '2099-01-01T00:00:00Z' where due_at is not null");
}

TEST_F(StoreChecksTest, V15_AGrantInTheCacheThatTheRowsDoNotHave) {
  ASSERT_EQ(post("/users?wait=20s", R"({"user":"ann","password":"opensesame"})").status, 200);
  ASSERT_EQ(post("/users/ann/assign?wait=20s", R"({"profile":"reader"})").status, 200);
  ASSERT_EQ(post("/grants/reload", "{}").status, 200);
  plain_sql("delete from membership where user_name = 'ann'");
  expect_found("V-15", "ann");
  ASSERT_EQ(post("/grants/reload", "{}").status, 200);
}

TEST_F(StoreChecksTest, V16_ATurnNumberThatTheMirrorHasAlready) {
  ASSERT_TRUE(wait_until([] { return *platform->safe().mirrored_turn(1) > 0; }, 30'000));
  plain_sql("update position set turn = turn - 1 where partition = 1");
  expect_found("V-16", "the mirror has turns up to");
  plain_sql("update position set turn = turn + 1 where partition = 1");
}

}  // namespace
}  // namespace backstitch
