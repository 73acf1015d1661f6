// What people change in the CRM, in fields of each owner: crm refresh takes over theirs and says ours again, and so does a
// recovery of what was changed in its lost window. The org locks rows, spends limits, goes away and ends sessions all the while.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/time.h"
#include "crm_org.h"
#include "recoveries.h"

namespace backstitch::e2e {
namespace {

namespace json = boost::json;

constexpr const char* there = "changed there";

/// One record of the CRM, the field that a person changes, and who owns it by crm/fields.yaml.
struct Change {
  std::string object, id, field, ours;  // ours: fields.NAME of those that are the CRM's own, empty for the others
  std::string expected;                 // what the CRM holds in the end
};

/// Fields of each owner, over and over.
std::vector<Change> changes_of(int orders) {
  struct Kind {
    const char *object, *field, *ours, *kept;
  };
  constexpr Kind kinds[] = {{"Order", "Status", "", "Activated"},
                            {"OrderItem", "Status", "", "Activated"},
                            {"Asset", "Status", "", "Active"},
                            {"Order", "Description", "Description", ""},
                            {"OrderItem", "Quantity", "", "1"},
                            {"Asset", "SerialNumber", "SerialNumber", ""},
                            {"Order", "EffectiveDate", "", "2026-03-01"},
                            {"OrderItem", "ServiceDate", "ServiceDate", ""},
                            {"Asset", "Name", "Name", ""},
                            {"Order", "AccountId", "", "A-"},
                            {"OrderItem", "Description", "Description", ""},
                            {"Asset", "Description", "Description", ""}};
  std::vector<Change> out;
  for (int i = 0; i < orders * 3; ++i) {
    const Kind& kind = kinds[static_cast<std::size_t>(i) % std::size(kinds)];
    const int order = i / 3;
    Change change{kind.object, fmt::format("S-{}", order), kind.field, kind.ours, *kind.ours ? there : kind.kept};
    if (change.object == "OrderItem") change.id += ":1";
    if (change.object == "Asset") change.id = fmt::format("asset of S-{}", order);
    if (change.field == "AccountId") change.expected += std::to_string(order % 40);
    out.push_back(std::move(change));
  }
  return out;
}

class InTheCrm : public ::testing::Test {
 protected:
  void begin(int orders) {
    ASSERT_TRUE(world.start());
    ASSERT_EQ(speak(world, {"backup", "create"}).exit_status, 0);
    submit(0, orders);
  }
  void submit(int from, int to) {
    json::array orders;
    for (int i = from; i < to; ++i) orders.push_back(parse_json(order_text(fmt::format("S-{}", i), i, "VOUCHER")).value());
    const HttpAnswer taken = world.call("POST", "/api/v1/orders", write_json(json::object{{"orders", std::move(orders)}}));
    ASSERT_TRUE(taken.ok()) << taken.status << taken.body;
  }
  /// All that is to be told is told.
  void come_to_rest(int orders) {
    ASSERT_TRUE(testing::wait_until(
        [&] {
          return world.query("select count(*) from backstitch.orders where state = 'Activated'") ==
                     std::vector<std::string>{std::to_string(orders)} &&
                 world.query("select coalesce(sum(next_offset - 1), 0) from backstitch.crm_position") ==
                     std::vector<std::string>{std::to_string(world.records_in("order_orderitems"))};
        },
        90'000));
    for (const json::value& asset : org.query("SELECT ExternalId__c, Payload__c FROM Asset")) {
      const auto told = parse_json(asset.at("Payload__c").as_string());
      if (!told || !told->is_object()) continue;
      const std::string order = json::value_to<std::string>(told->at("orderId"));
      assets[order] = json::value_to<std::string>(asset.at("ExternalId__c"));
    }
  }
  std::string order_document(const std::string& id, const char* member) {
    const json::value order = world.get("/api/v1/orders/" + id + "?source=test");
    return order.is_object() ? write_json(order.at(member)) : "";
  }
  std::string external_id(const Change& change) {
    if (change.object != "Asset") return change.id;
    return assets[json::value_to<std::string>(parse_json(order_document(change.id.substr(9), "id")).value())];
  }
  void change_there(const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      json::object fields{{change.field, there}};
      if (change.field == "Quantity") fields[change.field] = 7;
      if (change.field == "EffectiveDate") fields[change.field] = "2027-12-24";
      org.work("PATCH", "/sobjects/" + change.object + "/ExternalId__c/" + external_id(change), write_json(fields));
    }
  }
  /// How many stand as the table says; the others are named.
  int right(const std::vector<Change>& changes) {
    int count = 0;
    for (const Change& change : changes) {
      const json::value record = org.record(change.object, external_id(change));
      const json::value* value = record.is_object() ? record.get_object().if_contains(change.field) : nullptr;
      const std::string stands = !value ? "" : value->is_string() ? std::string(value->get_string()) : write_json(*value);
      std::string held = there;
      if (!change.ours.empty()) held = held_here(change);
      const bool fine = stands == change.expected && held == there;
      if (!fine)
        ADD_FAILURE() << change.object << " " << change.id << " " << change.field << ": \"" << stands << "\" there, \"" << held
                      << "\" held here";
      count += fine ? 1 : 0;
    }
    return count;
  }
  /// What the platform has taken over of it.
  std::string held_here(const Change& change) {
    const std::string order = change.object == "Asset" ? change.id.substr(9) : change.id.substr(0, change.id.find(':'));
    const auto taken = parse_json(order_document(order, "crm"));
    if (!taken || !taken->is_array()) return "";
    for (const json::value& one : taken->get_array()) {
      const bool is_line = !one.at("line").as_string().empty(), is_asset = !one.at("asset").as_string().empty();
      if (is_line != (change.object == "OrderItem") || is_asset != (change.object == "Asset")) continue;
      const json::value* value = one.at("fields").as_object().if_contains(change.ours);
      if (value && value->is_string()) return std::string(value->get_string());
    }
    return "";
  }
  std::int64_t number(const json::value& state, const char* group, const char* name) {
    return state.at(group).at(name).to_number<std::int64_t>();
  }

  CrmOrg org{{"--lock-rate", "0.05", "--limit-rate", "0.03", "--away-rate", "0.03", "--token-requests", "25", "--seed", "9"}};
  World world{{.config = org.config() + "backup: {full_every: 24h}\naudit: {every: 0s}\n"}};
  std::map<std::string, std::string> assets;  // by the id of their order
};

TEST_F(InTheCrm, RefreshTakesOverTheirsAndSaysOursAgain) {
  constexpr int orders = 12;
  begin(orders);
  come_to_rest(orders);
  const auto changes = changes_of(orders);
  change_there(changes);
  const Spoken tried = speak(world, {"crm", "refresh", "--since", "1h", "--dry-run"});
  ASSERT_EQ(tried.exit_status, 0) << write_json(tried.document) << tried.err;
  EXPECT_EQ(tried.data().at("found").at("taken").as_array().size(), 18u) << write_json(tried.document);
  EXPECT_EQ(tried.data().at("found").at("differences").as_array().size(), 18u);
  EXPECT_FALSE(tried.data().as_object().contains("inputs"));
  const Spoken done = speak(world, {"crm", "refresh", "--since", "1h"});
  ASSERT_EQ(done.exit_status, 0) << write_json(done.document) << done.err;
  EXPECT_EQ(number(done.data(), "inputs", "applied"), 36) << write_json(done.document);
  EXPECT_EQ(number(done.data(), "inputs", "open"), 0);
  come_to_rest(orders);
  EXPECT_EQ(right(changes), 36);
  // Its own writes differ in nothing, and what was taken over is not taken over again; a restart holds it.
  world.kill_platform();
  ASSERT_TRUE(world.start());
  const Spoken again = speak(world, {"crm", "refresh", "--since", "1h"});
  ASSERT_EQ(again.exit_status, 0) << again.err;
  EXPECT_EQ(again.data().at("found").at("same"), again.data().at("found").at("records")) << write_json(again.document);
  EXPECT_EQ(number(again.data(), "inputs", "received"), 0);
  EXPECT_EQ(speak(world, {"crm", "refresh"}).exit_status, 2);
  EXPECT_EQ(world.call("GET", "/api/v1/crm/refresh/ref-0").status, 404);
}

TEST_F(InTheCrm, AHundredRecordsOfTheLostWindowStandAsTheTableSays) {
  constexpr int before = 20, orders = 34;
  begin(before);
  come_to_rest(before);
  write_past_the_engine(world, "batch", "update backstitch.asset set quantity = 0");
  submit(before, orders);  // what is ordered behind T goes, and comes again
  come_to_rest(orders);
  auto changes = changes_of(orders);
  changes.resize(100);
  change_there(changes);
  const std::string id = plan_recovery(world);
  const Spoken recovered = go_back(world, id);
  ASSERT_EQ(recovered.exit_status, 0) << faults_of(world, id) << recovered.err;
  const json::value refreshed = result_of(world, id, "resume").at("crm");
  EXPECT_EQ(refreshed.at("inputs").to_number<int>(), 100) << write_json(refreshed);
  ASSERT_TRUE(world.start());
  come_to_rest(orders);
  EXPECT_EQ(right(changes), 100);
  EXPECT_EQ(world.query("select count(*) from backstitch.asset where quantity = 0"), std::vector<std::string>{"0"});
  EXPECT_EQ(speak(world, {"crm", "refresh", "--since", "1h", "--dry-run"}).data().at("found").at("taken").as_array().size(), 0u);
}

}  // namespace
}  // namespace backstitch::e2e
