// For tests only: one partition, its log and its rows in memory. After every record the rows are taken, put into tables as a
// store would, and the working set that comes back from the tables is compared with the live one: a restart after every step.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/engine.h"
#include "engine/item/item.h"
#include "rules/fixture.h"

namespace backstitch::fixture {

class Shelf : public CatalogShelf {
 public:
  void put(CatalogPtr catalog) { catalogs_[catalog->digest] = std::move(catalog); }
  CatalogPtr find(const std::string& digest) const override {
    const auto found = catalogs_.find(digest);
    return found == catalogs_.end() ? nullptr : found->second;
  }

 private:
  std::map<std::string, CatalogPtr> catalogs_;
};

/// Last state of every row, as a database holds it.
struct Tables {
  std::map<OrderId, OrderRow> orders;
  std::map<OrderId, OrderDocRow> docs;
  std::map<std::string, OrderId> keys;
  std::map<Bits128, LineRow> order_items, downstream_orders, downstream_items;
  std::map<DownstreamItemId, LineValuesRow> values;
  std::map<PlanId, PlanRow> plans;
  std::map<ItemId, ItemRow> items;
  std::map<OrderId, std::string> events;
  std::map<ItemId, AttentionRow> attention;
  std::map<std::string, InventoryRow> inventory;  // by account, product, scope key
  std::map<std::string, AssetRow> assets;         // by account, reference
  std::vector<CommandRow> commands;
  std::map<std::string, SystemRow> systems;
  std::set<std::string> users, memberships, grants;  // "ann", "ann operator", "operator items retry"
  void apply(const TurnRows& rows);
  std::string dump() const;  // everything that must not depend on how the log was cut into turns
};

class Engine {
 public:
  explicit Engine(CatalogPtr catalog);

  /// Feeds one record; afterwards `effects` are those of this record, and the tables hold its rows.
  void feed(Log log, const std::string& schema, const std::string& value);
  void feed(const InputRecord& record);  // of another engine's log
  void submit(const std::string& items, const std::string& id = "O1", const std::string& fields = "{}");
  void answer(const std::string& item, CallOutcome outcome, const std::string& code = "sys/200",
              const std::string& response = "{}");
  void answer_call(const std::string& item, int call, CallOutcome outcome, const std::string& code,
                   const std::string& response = "{}");
  void call_back(const std::string& item, CallOutcome outcome, const std::string& response = "{}",
                 const std::string& repeats = "");
  void due(const std::string& item);
  void item_command(const std::string& item, const std::string& verb, const std::string& reason,
                    const std::string& attributes = "{}");
  void task_command(const std::string& item, const std::string& verb, const std::string& actor, const std::string& owner = "");
  void system_command(const std::string& system, const std::string& verb);
  void activate(CatalogPtr catalog);

  /// From here on the live working set is the one that came back from the tables.
  void restart();

  const ItemRow& item(const std::string& name, const std::string& order = "O1") const;
  ItemState state(const std::string& name, const std::string& order = "O1") const { return item(name, order).state; }
  OrderState order_state(const std::string& order = "O1") const { return tables.orders.at(tables.keys.at(order)).state; }
  std::string attention(const std::string& name, const std::string& order = "O1") const;
  std::string events(const std::string& order = "O1") const { return tables.events.at(tables.keys.at(order)); }
  ItemId item_id(const std::string& name, const std::string& order = "O1") const;
  std::vector<std::string> item_names(const std::string& order = "O1") const;
  const CommandRow& last_command() const { return tables.commands.back(); }
  const Task& task(const std::string& name, const std::string& order = "O1") const;  // handed out by the last record

  EngineSettings settings;
  Shelf shelf;
  PartitionWork work;
  Tables tables;
  Effects effects;
  std::vector<InputRecord> log;
  Time now{1'700'000'000'000'000};
  bool rows_each_record = true;  // else take_rows() says when a turn ends
  void take_rows();

 private:
  PartitionWork restored() const;
  PlanGraph plan_of(const std::string& order) const;
  std::uint64_t offsets_[2] = {1, 1};
  int commands_ = 0;
};

/// A catalog with one sold product P, a technical T (inventory), and one plan "plan" with these items and dependencies.
inline CatalogPtr catalog_with(const std::string& items, const std::string& dependencies = "") {
  auto catalog = parse_catalog_text(R"({"format":"backstitch.catalog/1","source":"test","index":1,
"attributes":[{"key":"a"},{"key":"b"},{"key":"start"}],
"products":[{"key":"P","kind":"commercial","attributes":["a","start"]},
            {"key":"T","kind":"technical","scope":"OrderItem","inventory":true,"attributes":["a","b","start"]}],
"decomposition":[{"key":"d","from":{"product":"P"},"to":"T","priority":1,"mappings":[
  {"type":"adVerbatim","from":"attribute.a","to":"a"},{"type":"adVerbatim","from":"attribute.start","to":"start"}]}],
"plans":[{"key":"plan","scope":"OrderItem","items":[)" +
                                    items + R"(]}],
"dependencies":[)" + dependencies + R"(],
"scenarios":[{"key":"s","for":{"product":"T"},"actions":["Add","Change","Disconnect"],"plan":"plan"}],
"systems":[{"key":"sys","url":"standin:keyed","interfaces":[{"key":"do","method":"POST","path":"/x","mode":"sync"}]},
           {"key":"other","url":"standin:blind","interfaces":[{"key":"do","method":"POST","path":"/x","mode":"sync"}]},
           {"key":"later","url":"standin:later","interfaces":[{"key":"do","method":"POST","path":"/x","mode":"async",
                                                               "callbackTimeout":"2h"}]}]})");
  BS_ASSERT(catalog.has_value(),
            catalog ? "" : catalog.error().text() + (catalog.error().faults.empty() ? "" : catalog.error().faults[0].pointer));
  return *catalog;
}

inline const std::string one_line = R"({"lineId":"1","product":"P","action":"Add","attributes":{"a":"x"}})";

/// "plan/after" waits for "plan/before", per line.
inline std::string after(const std::string& item, const std::string& before) {
  return R"({"item":"plan/)" + item + R"(","dependsOn":"plan/)" + before + R"(","scope":"OrderItem"})";
}
inline std::string callout(const std::string& key, const std::string& more = "", const std::string& system = "sys") {
  return R"({"key":")" + key + R"(","type":"callout","interface":")" + system +
         R"(.do","request":{"a":"$line.attribute.a"},)"
         R"("response":{"$line.attribute.b":"$.b"},"serviceRecord":["b"])" +
         more + "}";
}

}  // namespace backstitch::fixture
