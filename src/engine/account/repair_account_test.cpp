// A damaged world and its twin that nobody touched get the same repair: afterwards their rows are the same, and stay so.
#include "engine/account/repair_account.h"

#include <boost/json.hpp>

#include "base/hash.h"
#include "engine/testing/engine_fixture.h"

namespace backstitch {
namespace {

using namespace fixture;
namespace json = boost::json;

constexpr std::uint64_t damaged = 0xdada, right = 0x600d;

json::value time_or_null(Time time) { return time.is_set() ? json::value(rfc3339(time)) : json::value(nullptr); }

/// Rows as PostgreSQL tells them: a member a column.
json::object order_rows(const Tables& tables, OrderId id) {
  json::array heads, docs, lines, orders, parts, values, plans, items, events, attention;
  const OrderRow& head = tables.orders.at(id);
  heads.push_back(json::object{{"id", uuid_text(id.bits)},
                               {"account_id", head.account_id},
                               {"partition", head.partition},
                               {"state", to_text(head.state)},
                               {"catalog_digest", head.catalog_digest},
                               {"created_at", rfc3339(head.created_at)},
                               {"changed_at", rfc3339(head.changed_at)}});
  const OrderDocRow& doc = tables.docs.at(id);
  docs.push_back(
      json::object{{"id", uuid_text(id.bits)}, {"body_digest", doc.body_digest}, {"doc", doc.document}, {"graph", doc.graph}});
  const auto add_lines = [id](const std::map<Bits128, LineRow>& table, const char* what, json::array& out) {
    for (const auto& [key, row] : table)
      if (belongs_to(key, id))
        out.push_back(json::object{
            {"id", uuid_text(key)}, {what, row.what}, {"state", row.state}, {"changed_at", rfc3339(row.changed_at)}});
  };
  add_lines(tables.order_items, "action", lines), add_lines(tables.downstream_orders, "domain", orders);
  add_lines(tables.downstream_items, "action", parts);
  for (const auto& [key, row] : tables.values)
    if (belongs_to(key.bits, id)) values.push_back(json::object{{"id", uuid_text(key.bits)}, {"data", row.values}});
  for (const auto& [key, row] : tables.plans)
    if (belongs_to(key.bits, id))
      plans.push_back(json::object{{"id", uuid_text(key.bits)},
                                   {"state", to_text(row.state)},
                                   {"item_count", row.item_count},
                                   {"created_at", rfc3339(row.created_at)},
                                   {"changed_at", rfc3339(row.changed_at)}});
  for (const auto& [key, row] : tables.items)
    if (belongs_to(key.bits, id))
      items.push_back(json::object{{"id", uuid_text(key.bits)},
                                   {"system", row.system},
                                   {"state", to_text(row.state)},
                                   {"attempt", row.attempt},
                                   {"call", row.call},
                                   {"error", row.error},
                                   {"digest", static_cast<std::int64_t>(row.digest)},
                                   {"started_at", time_or_null(row.started_at)},
                                   {"ended_at", time_or_null(row.ended_at)},
                                   {"due_at", time_or_null(row.due_at)},
                                   {"owner", nullptr}});
  events.push_back(json::object{{"order_id", uuid_text(id.bits)},
                                {"turn", 0},
                                {"at", rfc3339(head.changed_at)},
                                {"count", 1},
                                {"data", tables.events.at(id)}});
  for (const auto& [key, row] : tables.attention)
    if (belongs_to(key.bits, id))
      attention.push_back(json::object{{"item_id", uuid_text(key.bits)},
                                       {"order_id", uuid_text(row.order.bits)},
                                       {"kind", row.kind},
                                       {"state", row.state},
                                       {"system", row.system},
                                       {"error", row.error},
                                       {"item_key", row.item_key},
                                       {"account_id", row.account_id},
                                       {"owner", row.owner},
                                       {"since", rfc3339(row.since)}});
  return {{"orders", heads},          {"order_doc", docs},     {"order_item", lines}, {"downstream_order", orders},
          {"downstream_item", parts}, {"line_values", values}, {"plan", plans},       {"item", items},
          {"event", events},          {"attention", attention}};
}

json::array asset_rows(const Tables& tables) {
  json::array out;
  for (const auto& [key, row] : tables.assets)
    out.push_back(json::object{{"id", uuid_text(row.id.bits)},
                               {"account_id", row.account_id},
                               {"partition", row.partition},
                               {"asset_ref", row.asset_ref},
                               {"product", row.product},
                               {"state", to_text(row.state)},
                               {"quantity", row.quantity},
                               {"data", row.values},
                               {"changed_by", uuid_text(row.changed_by.bits)},
                               {"line_id", row.line_id},
                               {"created_at", rfc3339(row.created_at)},
                               {"changed_at", rfc3339(row.changed_at)}});
  return out;
}

json::array inventory_rows(const Tables& tables) {
  json::array out;
  for (const auto& [key, row] : tables.inventory)
    out.push_back(json::object{{"id", uuid_text(row.id.bits)},
                               {"account_id", row.account_id},
                               {"partition", row.partition},
                               {"product", row.product},
                               {"scope_key", row.scope_key},
                               {"state", to_text(row.state)},
                               {"asset_id", row.asset ? json::value(uuid_text(row.asset->bits)) : json::value(nullptr)},
                               {"no_asset_reason", row.no_asset_reason},
                               {"asset_ref", row.asset_ref},
                               {"system", row.system},
                               {"system_ref", row.system_ref},
                               {"data", row.values},
                               {"service_record", row.service_record},
                               {"changed_by", uuid_text(row.changed_by.bits)},
                               {"created_at", rfc3339(row.created_at)},
                               {"changed_at", rfc3339(row.changed_at)}});
  return out;
}

class RepairAccount : public ::testing::Test {
 protected:
  void SetUp() override {
    for (Engine* one : {&live, &twin}) one->submit(one_line);
  }
  void answer(const std::string& item) {
    for (Engine* one : {&live, &twin}) one->answer(item, CallOutcome::done, "sys/200", R"({"b":"C-1"})");
  }
  OrderId order() { return twin.tables.keys.at("O1"); }
  /// What the twin holds, and `gone` beside it, for the live one.
  std::string repair(const std::vector<OrderId>& gone = {}) {
    json::object rows = order_rows(twin.tables, order());
    rows["order_key"] = json::array{json::object{
        {"source", "org1"}, {"source_order_id", "O1"}, {"version", 1}, {"order_id", uuid_text(order().bits)}, {"salt", 0}}};
    rows["asset"] = asset_rows(twin.tables), rows["inventory"] = inventory_rows(twin.tables);
    json::array taken_orders, taken_keys = rows["order_key"].as_array();
    taken_orders.push_back(json::object{{"id", uuid_text(order().bits)}});
    for (const OrderId id : gone) taken_orders.push_back(json::object{{"id", uuid_text(id.bits)}});
    json::object document{{"commandId", "cmd_00000000000000000000000001"},
                          {"actor", "ann"},
                          {"reason", "job 4711"},
                          {"plan", "rep-1"},
                          {"accountId", "A-1"},
                          {"compared", digest64_text(damaged)},
                          {"corrected", digest64_text(right)},
                          {"rows", std::move(rows)},
                          {"taken", json::object{{"orders", std::move(taken_orders)}, {"order_key", std::move(taken_keys)}}}};
    return write_json(document);
  }
  static void feed(Engine& engine, const std::string& record, std::uint64_t digest) {
    engine.work.account_digests["A-1"] = digest;
    engine.feed(Log::incoming, account_repair_schema, record);
  }
  /// The same record in both worlds, each as its rows stand.
  void repair_both(const std::vector<OrderId>& gone = {}) {
    const std::string record = repair(gone);
    feed(live, record, damaged), feed(twin, record, right);
    EXPECT_EQ(live.last_command().state, "applied") << live.last_command().detail;
    EXPECT_EQ(twin.last_command().state, "applied") << twin.last_command().detail;
    EXPECT_TRUE(twin.effects.crm.empty() && twin.effects.tasks.empty()) << "there is nothing to do";
    expect_same();
  }
  void expect_same() {
    EXPECT_EQ(live.tables.dump(), twin.tables.dump());
    EXPECT_EQ(live.work.decision_digest, twin.work.decision_digest) << "a replay finds the rows whole, and is the same";
  }

  static CatalogPtr catalog() {
    return catalog_with(
        callout("call") + "," + callout("next") + R"(,{"key":"keep","type":"autoTask","implementation":"assetize"})",
        after("next", "call") + "," + after("keep", "next"));
  }
  Engine live{catalog()}, twin{catalog()};
};

TEST_F(RepairAccount, AnEndedOrderAndWhatItLeft) {
  answer("call"), answer("next");
  ASSERT_EQ(live.order_state(), OrderState::activated);
  live.tables.assets.begin()->second.quantity = 7;
  live.tables.assets.begin()->second.values = "{}";
  live.tables.inventory.begin()->second.state = InventoryState::ended;
  live.tables.events.begin()->second = "";
  live.tables.items.begin()->second.error = "gone wrong";
  ASSERT_NE(live.tables.dump(), twin.tables.dump());
  repair_both();
  EXPECT_EQ(live.tables.assets.begin()->second.quantity, 1);
  EXPECT_EQ(live.last_command().kind, "account-repair");
  EXPECT_EQ(live.last_command().actor, "ann");
  EXPECT_TRUE(live.effects.tasks.empty());
  ASSERT_EQ(live.effects.crm.size(), 3u) << "the order, its line, its asset";
  EXPECT_EQ(live.effects.crm.back().type, "asset");
}

TEST_F(RepairAccount, ThatHasMovedOnIsRefusedAndNothingIsChanged) {
  live.tables.items.begin()->second.error = "gone wrong";
  live.restart();
  const std::string before = live.tables.dump(), record = repair();
  feed(live, record, 0xbad), feed(twin, record, right);
  EXPECT_EQ(live.last_command().state, "refused");
  EXPECT_EQ(live.last_command().code, code_text(Code::repair_moved));
  EXPECT_TRUE(live.effects.crm.empty());
  live.tables.commands.pop_back();
  EXPECT_EQ(live.tables.dump(), before);
  EXPECT_EQ(live.work.decision_digest, twin.work.decision_digest) << "what it met is no decision of the log";
}

TEST_F(RepairAccount, AnOpenOrderGoesOnAsIfNothingHadHappened) {
  answer("call");
  ASSERT_EQ(live.state("next"), ItemState::running);
  live.tables.items.at(live.item_id("keep")).state = ItemState::skipped;
  live.tables.values.begin()->second.values = R"({"b":"another circuit"})";
  live.restart();  // memory is what the damaged rows say
  repair_both();
  EXPECT_TRUE(live.effects.tasks.empty()) << "its call is in the air and is not handed out again";
  answer("next");
  EXPECT_EQ(live.order_state(), OrderState::activated);
  EXPECT_EQ(live.tables.assets.size(), 1u) << "the item that was skipped has run";
  expect_same();
}

TEST_F(RepairAccount, WhatWaitedForATimerWaitsAgain) {
  for (Engine* one : {&live, &twin}) one->answer("call", CallOutcome::refused, "sys/500");
  ASSERT_EQ(live.state("call"), ItemState::failed);
  const Time due = live.item("call").due_at;
  ItemRow& row = live.tables.items.at(live.item_id("call"));
  row.state = ItemState::completed, row.due_at = {};
  live.restart();
  repair_both();
  ASSERT_EQ(live.effects.timers.size(), 1u);
  EXPECT_EQ(live.effects.timers[0].kind, "retry");
  EXPECT_EQ(live.effects.timers[0].due_at, due);
  for (Engine* one : {&live, &twin}) one->due("call");
  EXPECT_EQ(live.state("call"), ItemState::running);
  EXPECT_EQ(live.effects.tasks.size(), 1u);
  expect_same();
}

TEST_F(RepairAccount, ACallThatMemoryHadLostIsHandedOutAgainUnderItsKey) {
  const std::string key = live.task("call").key.text();
  live.tables.items.at(live.item_id("call")).state = ItemState::failed;
  live.restart();
  repair_both();
  EXPECT_EQ(live.task("call").key.text(), key) << "its answer index knows whether it was made";
}

TEST_F(RepairAccount, AnOrderThatNobodyPlacedGoes) {
  live.submit(one_line, "O2");
  const OrderId nobodys = live.tables.keys.at("O2");
  live.tables.keys.erase("O2");
  const std::string record = repair({nobodys});
  feed(live, record, damaged);
  EXPECT_EQ(live.last_command().state, "applied");
  EXPECT_EQ(live.tables.orders.size(), 1u);
  EXPECT_FALSE(live.work.find_order(nobodys));
  EXPECT_TRUE(live.work.find_order(order()));
}

TEST_F(RepairAccount, RowsThatCannotBeReadBackAreNoRepair) {
  std::string record = repair();
  record.replace(record.find("\"order_item\":[{"), 15, "\"order_itim\":[{");
  const std::string before = live.tables.dump();
  feed(live, record, damaged);
  EXPECT_EQ(live.last_command().state, "refused");
  EXPECT_EQ(live.last_command().code, code_text(Code::row_broken)) << live.last_command().detail;
  live.tables.commands.clear();
  EXPECT_EQ(live.tables.dump(), before);
}

TEST_F(RepairAccount, AnotherAccountsOrderIsRefused) {
  std::string record = repair();
  record.replace(record.find(R"("account_id":"A-1")"), 18, R"("account_id":"A-2")");
  feed(live, record, damaged);
  EXPECT_EQ(live.last_command().state, "refused");
}

TEST_F(RepairAccount, ABrokenRecordIsRefusedInWriting) {
  for (const char* wrong : {R"({"commandId":"cmd_00000000000000000000000001"})",
                            R"({"commandId":"cmd_00000000000000000000000001","compared":"1","corrected":"2"})"}) {
    feed(live, wrong, damaged);
    EXPECT_EQ(live.last_command().state, "refused");
    EXPECT_EQ(live.last_command().code, code_text(Code::json_invalid));
  }
  std::string record = repair();
  record.replace(record.find(R"("state":"InProgress")"), 20, R"("state":"InProgres_")");
  feed(live, record, damaged);
  EXPECT_EQ(live.last_command().code, code_text(Code::json_invalid)) << live.last_command().detail;
}

}  // namespace
}  // namespace backstitch
