// For tests only: a real database that folded real orders, an archive whose completer says what a test wants, and systems that
// answer from a book. Systems: "keyed" (idempotent, look-up, cancel), "lookup" (look-up after 200 ms), "blind" (neither); "later"
// and "letter" are keyed and blind, and call back.
#pragma once
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "base/assert.h"
#include "base/hash.h"
#include "base/json.h"
#include "engine/item/item.h"
#include "recovery/reconcile/reconcile.h"
#include "recovery/replay/replay.h"
#include "stores/database/testing/cluster_fixture.h"
#include "stores/safe/strict_fake.h"
#include "stores/systems/strict_fake.h"

namespace backstitch::recovery {

inline const Time t0{1'700'000'000'000'000};
constexpr Partition partitions = 2;
constexpr std::int64_t hour_ms = 3'600'000;

/// A catalog with a product and a plan per system: "do" calls it, "then" calls it again with what the first answer gave.
inline std::string settling_catalog() {
  std::string products, rules, plans, dependencies, scenarios, systems;
  const auto add = [](std::string& list, const std::string& entry) { list += (list.empty() ? "" : ",") + entry; };
  for (const std::string name : {"keyed", "lookup", "blind", "later", "letter"}) {
    const char* mode = name.starts_with("l") && name != "lookup" ? "async" : "sync";
    const std::string effects = name == "keyed" || name == "later"
                                    ? R"({"idempotent":true,"keyLifetime":"24h","lookup":true,"cancel":true})"
                                : name == "lookup" ? R"({"lookup":true,"settlingTimeMs":200})"
                                                   : "{}";
    add(products, fmt::format(R"({{"key":"{0}","kind":"commercial","attributes":["a"]}})"
                              R"(,{{"key":"T-{0}","kind":"technical","scope":"OrderItem","attributes":["a","b"]}})",
                              name));
    add(rules, fmt::format(R"({{"key":"d-{0}","from":{{"product":"{0}"}},"to":"T-{0}","priority":1,"mappings":[)"
                           R"({{"type":"adVerbatim","from":"attribute.a","to":"a"}}]}})",
                           name));
    add(plans, fmt::format(R"({{"key":"{0}","scope":"OrderItem","items":[)"
                           R"({{"key":"do","type":"callout","interface":"{0}.do","request":{{"a":"$line.attribute.a"}},)"
                           R"("response":{{"$line.attribute.b":"$.b"}},"retries":3,"retryIntervalMs":1000}},)"
                           R"({{"key":"then","type":"callout","interface":"{0}.do","request":{{"b":"$line.attribute.b"}}}}]}})",
                           name));
    add(dependencies, fmt::format(R"({{"item":"{0}/then","dependsOn":"{0}/do","scope":"OrderItem"}})", name));
    add(scenarios, fmt::format(R"({{"key":"s-{0}","for":{{"product":"T-{0}"}},"actions":["Add"],"plan":"{0}"}})", name));
    add(systems, fmt::format(R"({{"key":"{0}","url":"standin:{0}","effects":{1},)"
                             R"("interfaces":[{{"key":"do","method":"POST","path":"/v1/do","mode":"{2}"}}]}})",
                             name, effects, mode));
  }
  return fmt::format(R"({{"format":"backstitch.catalog/1","source":"test","index":1,"attributes":[{{"key":"a"}},{{"key":"b"}}],)"
                     R"("products":[{}],"decomposition":[{}],"plans":[{}],"dependencies":[{}],"scenarios":[{}],"systems":[{}]}})",
                     products, rules, plans, dependencies, scenarios, systems);
}

/// One call as a test speaks of it.
struct Named {
  ItemId item;
  EffectId effect;
  std::string subject, system, digest;
  std::string key(int call = 1) const { return CallKey{effect, call}.text(); }
};

class ReconcileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto catalog = library.store(settling_catalog());
    ASSERT_TRUE(catalog) << catalog.error().text();
    fresh_database();
    append("incoming", "incoming.catalog-activate/1",
           R"({"commandId":"cmd_00000000000000000000000001","digest":")" + (*catalog)->digest + "\"}");
    fold();
    settings.recovery_id = "rec-1", settings.now = t0.plus_ms(hour_ms);
    for (const char* name : {"keyed", "lookup", "blind", "later", "letter"})
      settings.bases["standin:" + std::string(name)] = "http://127.0.0.1:1/" + std::string(name);
  }

  void fresh_database() {
    database.reset();
    auto fresh = database::shared_cluster().fresh(partitions);
    ASSERT_TRUE(fresh) << fresh.error().text();
    database = std::move(*fresh);
    const auto catalog = library.store(settling_catalog());
    EXPECT_OK(database->store_catalog_version((*catalog)->digest, 1, "test", t0, settling_catalog()));
  }
  /// As a rewind to the beginning does. What was folded while `mirrors` was off comes as an archive gives it that nobody
  /// mirrored: all answers are consumed before the first order is there.
  void fold_anew() {
    fresh_database();
    fold();
  }
  void append(const std::string& topic, const std::string& schema, const std::string& value, const std::string& headers = "{}") {
    queue::Record record{++offsets[topic], at, submitter, schema, headers, value};
    at = at.plus_ms(10);
    EXPECT_OK(safe.archive(topic, partition, {record}));
  }
  /// An order of this product, folded.
  void submit(const std::string& product, const std::string& id = "O1") {
    append("incoming", "incoming.submit/1",
           fmt::format(R"({{"source":"org1","sourceOrderId":"{}","accountId":"{}","items":[)"
                       R"({{"lineId":"1","product":"{}","action":"Add","attributes":{{"a":"x"}}}}]}})",
                       id, submitter, product));
    fold();
  }
  /// Everything archived comes into the database: what is new in completer first, whatever item it is for.
  void fold() {
    ReplaySettings replaying;
    replaying.beyond_mirror = true;
    const auto folded = replay(replaying, safe, *database, library);
    ASSERT_TRUE(folded) << folded.error().text();
    if (!mirrors) return;
    const auto shard = database->open_shard();
    ASSERT_TRUE(shard) << shard.error().text();
    const auto turns = (*shard)->turn_lines(partition, *safe.mirrored_turn(partition), 1000);
    ASSERT_TRUE(turns) << turns.error().text();
    EXPECT_OK(safe.mirror_turns(partition, *turns));
  }

  std::unique_ptr<OrderWork> order(const std::string& id = "O1") {
    const auto found = database->find_order("org1", id, 1);
    BS_ASSERT(found && *found, "the order is there");
    const auto stored = database->stored_order(**found);
    BS_ASSERT(stored, "the order can be read");
    auto restored =
        restore_order({stored->order, stored->doc, stored->order_items, stored->downstream_orders, stored->downstream_items,
                       stored->line_values, stored->plan ? &*stored->plan : nullptr, stored->items},
                      library.find(stored->order.catalog_digest));
    BS_ASSERT(restored, "the order comes back");
    return std::move(*restored);
  }
  /// "do" or "then" of an order that is there.
  Named item(const std::string& key, const std::string& id = "O1") {
    const auto work = order(id);
    const int index = index_of(*work, key);
    const Task task = *task_of(*work, index);
    return {task.item, task.key.effect, task.subject, task.system, digest64_text(task.digest)};
  }
  ItemWork state(const std::string& key, const std::string& id = "O1") {
    const auto work = order(id);
    return work->items[static_cast<std::size_t>(index_of(*work, key))];
  }
  /// The same business under an order that is not there any more.
  static Named ghost_of(const Named& named) {
    Named ghost = named;
    const OrderId order = derive_order_id(t0, "org9", "O9", 1);
    ghost.item = {derive_child(order, "item", "do", named.subject, 1)};
    ghost.effect = derive_effect_id("org9", "O9", 1, "do", named.subject);
    return ghost;
  }
  static Named ghost(const std::string& system) {
    return ghost_of({{}, {}, "A-1/O9:1/" + system + "/do", system, std::string(16, 'd')});
  }

  void mark(const Named& call, int number = 1) {
    append("completer", "completer.mark/1",
           fmt::format(R"({{"effectKey":"{}","itemId":"{}","epoch":1,"digest":"{}","resend":false,"seen":0,"worker":"w1",)"
                       R"("system":"{}","subject":"{}"}})",
                       call.key(number), call.item.text(), call.digest, call.system, call.subject));
  }
  void answer(const Named& call, const std::string& outcome, int number = 1, const std::string& headers = "{}") {
    append("completer", "completer.answer/1",
           fmt::format(R"({{"effectKey":"{}","itemId":"{}","epoch":1,"outcome":"{}","code":"c/1","response":{{"b":"from-{}"}}}})",
                       call.key(number), call.item.text(), outcome, number),
           headers);
  }
  void call_back(const Named& call, const std::string& outcome, int number = 1) {
    append(
        "completer", "completer.callback/1",
        fmt::format(R"({{"effectKey":"{}","itemId":"{}","outcome":"{}","repeats":"","code":"c/1","response":{{"b":"back-{}"}}}})",
                    call.key(number), call.item.text(), outcome, number));
  }
  void called(const Named& call, const std::string& outcome, int number = 1) {
    mark(call, number), answer(call, outcome, number);
  }

  Reconciled settle() {
    auto reconciled = reconcile(settings, safe, *database, library, ask ? &systems : nullptr);
    EXPECT_TRUE(reconciled) << reconciled.error().text();
    return reconciled ? std::move(*reconciled) : Reconciled();
  }
  /// Puts the decisions into the log and folds them, as resume does.
  void carry_out_decisions(const Reconciled& reconciled) {
    for (const Decision& decision : reconciled.decisions) append("incoming", "incoming.settlement/1", decision.value);
    fold();
  }
  static std::string text_of(const Decision& decision, const char* member) {
    const auto value = parse_json(decision.value).value();
    return std::string(value.at(member).as_string());
  }
  /// One effect, in this row, and in no other.
  static void expect_row(const Reconciled& reconciled, int row) {
    for (int n = 0; n < 10; ++n) EXPECT_EQ(reconciled.rows[static_cast<std::size_t>(n)], n == row ? 1 : 0) << "row " << n;
  }
  static void expect_decision(const Reconciled& reconciled, const std::string& verdict, const Named& named, int call = 1) {
    ASSERT_EQ(reconciled.decisions.size(), 1u);
    EXPECT_EQ(text_of(reconciled.decisions[0], "decision"), verdict);
    EXPECT_EQ(text_of(reconciled.decisions[0], "itemId"), named.item.text());
    EXPECT_EQ(text_of(reconciled.decisions[0], "effectKey"), named.key(call));
  }
  static void expect_work(const Reconciled& reconciled, const std::string& kind, const std::string& proposal,
                          const Named& named) {
    ASSERT_EQ(reconciled.work.size(), 1u);
    EXPECT_EQ(reconciled.work[0].kind, kind);
    EXPECT_EQ(reconciled.work[0].proposal, proposal) << reconciled.work[0].evidence;
    EXPECT_EQ(reconciled.work[0].subject, named.key());
    EXPECT_EQ(reconciled.open, 1);
  }
  void knows(const Named& call, systems::LookupState state, int number = 1) {
    far->knows(call.subject, {call.key(number), state, call.digest, R"({"b":"looked-up"})", at});
  }

  const Partition partition = partition_of("A-1", partitions);
  std::unique_ptr<database::Database> database;
  safe::StrictFake safe{partitions};
  CatalogLibrary library{safe};
  std::shared_ptr<systems::Far> far = std::make_shared<systems::Far>();
  systems::StrictFake systems{far};
  bool ask = true, mirrors = true;
  ReconcileSettings settings;
  std::map<std::string, std::uint64_t> offsets;
  std::string submitter = "A-1";  // whose records are appended; of the same partition
  Time at = t0;

 private:
  static int index_of(const OrderWork& work, const std::string& key) {
    for (std::size_t i = 0; i < work.plan.items.size(); ++i)
      if (work.plan.items[i].item == key) return static_cast<int>(i);
    BS_ASSERT(false, "no item of this key");
  }
};

}  // namespace backstitch::recovery
