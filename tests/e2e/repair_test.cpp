// Rows of some accounts are put right by inputs while orders go on: nothing stops, nothing is called, and what is told apart is
// told apart: the accounts that were chosen, the one that was not, and those that a repair may not touch.
#include <gtest/gtest.h>

#include "base/json.h"
#include "evidence.h"
#include "model/identity.h"
#include "recoveries.h"
#include "submitter.h"

namespace backstitch::e2e {
namespace {

namespace json = boost::json;

constexpr int deadline_ms = 60'000;

std::string order_of_account(const std::string& account, const std::string& id, const std::string& product) {
  return fmt::format(R"({{"source":"test","sourceOrderId":"{}","version":1,"accountId":"{}",)"
                     R"("items":[{{"lineId":"1","product":"{}","action":"Add","quantity":1,"attributes":{{}}}}]}})",
                     id, account, product);
}

std::string text(const json::value& object, const char* name) {
  const json::value* value = object.is_object() ? object.get_object().if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// Effect keys that were marked for the orders of accounts of our own, with everything that was written under each.
std::map<std::string, std::string> calls_for(World& world, const std::vector<std::string>& items) {
  std::map<std::string, std::string> out;
  for (const auto& [key, call] : read_calls(world))
    if (std::find(items.begin(), items.end(), call.item_id) != items.end()) out[key] = call.text;
  return out;
}

class Repairing : public ::testing::Test {
 protected:
  explicit Repairing(const std::string& blind = "latency=2-20")
      : world({.config = "backup: {full_every: 0s}\n",
               .system_arguments = {"--keyed", "latency=2-20", "--lookup", "latency=2-20", "--blind", blind}}) {}

  void order(const std::string& account, const std::string& id, const std::string& product) {
    ASSERT_TRUE(world.call("POST", "/api/v1/orders", order_of_account(account, id, product)).ok()) << id;
  }
  Spoken plan(std::vector<std::string> words = {"--all-damaged"}) {
    words.insert(words.begin(), {"repair", "plan"});
    return speak(world, std::move(words));
  }
  Spoken apply(const std::string& id, std::vector<std::string> words) {
    words.insert(words.begin(), {"repair", "apply", id, "--reason", "job 4711", "--yes"});
    return speak(world, std::move(words));
  }
  static std::map<std::string, json::value> accounts_of(const Spoken& planned) {
    std::map<std::string, json::value> out;
    const json::value data = planned.data();
    EXPECT_TRUE(data.is_object()) << write_json(planned.document) << planned.err;
    if (!data.is_object()) return out;
    for (const json::value& entry : data.at("accounts").as_array()) out[text(entry, "account")] = entry;
    return out;
  }
  /// "table column: live -> corrected" of an account; of whole rows "table: …".
  static std::set<std::string> differences(const json::value& entry) {
    std::set<std::string> out;
    for (const json::value& row : entry.at("rows").as_array())
      out.insert(text(row, "table") + " " + text(row, "column") + ": " +
                 (row.at("live").is_object() ? "row" : write_json(row.at("live"))) + " -> " +
                 (row.at("corrected").is_object() ? "row" : write_json(row.at("corrected"))));
    return out;
  }
  std::vector<std::string> names(const Spoken& audited) {
    std::vector<std::string> out;
    const json::value data = audited.data();
    for (const char* list : {"differingAccounts", "onlyHereAccounts", "onlyThereAccounts"})
      for (const json::value& name : data.at(list).as_array()) out.emplace_back(name.as_string());
    return out;
  }
  /// R-1 in a column, R-2 in whole rows and in who owns them, R-3 in a state.
  void damage_three() {
    write_past_the_engine(world, "batch", "update backstitch.asset set quantity = 7 where account_id = 'R-1'");
    write_past_the_engine(
        world, "batch",
        "delete from backstitch.order_doc d using backstitch.orders o where d.id = o.id and o.account_id = 'R-2';"
        "delete from backstitch.event e using backstitch.orders o where e.order_id = o.id and o.account_id = 'R-2';"
        "update backstitch.inventory set account_id = 'nobody' where account_id = 'R-2'");
    write_past_the_engine(world, "batch", "update backstitch.orders set state = 'Rejected' where account_id = 'R-3'");
  }
  static void expect_named(const std::map<std::string, json::value>& found) {
    ASSERT_EQ(found.size(), 4u) << found.size();
    EXPECT_EQ(differences(found.at("R-1")), (std::set<std::string>{"asset quantity: 7 -> 1"}));
    const auto second = differences(found.at("R-2"));
    EXPECT_TRUE(second.contains("order_doc : null -> row")) << write_json(found.at("R-2"));
    EXPECT_TRUE(second.contains(R"(inventory account_id: "nobody" -> "R-2")")) << write_json(found.at("R-2"));
    EXPECT_EQ(differences(found.at("R-3")), (std::set<std::string>{R"(orders state: "Rejected" -> "Activated")"}));
    for (const char* account : {"R-1", "R-2", "R-3"}) EXPECT_EQ(text(found.at(account), "state"), "repairable");
    EXPECT_EQ(text(found.at("nobody"), "state"), "refused");
    EXPECT_EQ(text(found.at("nobody"), "code"), "BS-6407");
    EXPECT_NE(text(found.at("nobody"), "why").find("R-2"), std::string::npos);
  }

  World world;
};

TEST_F(Repairing, TwoOfThreeAccountsWhileOrdersGoOnThenTheThird) {
  ASSERT_TRUE(world.start());
  Submitter client(world, 2, 40);
  for (int account = 1; account <= 4; ++account)
    for (int n = 1; n <= 2; ++n) order(fmt::format("R-{}", account), fmt::format("R-{}-{}", account, n), "LINE");
  for (int account = 1; account <= 4; ++account)
    for (int n = 1; n <= 2; ++n) ASSERT_TRUE(world.await_state(fmt::format("R-{}-{}", account, n), "Activated", deadline_ms));
  ASSERT_EQ(speak(world, {"backup", "create"}).exit_status, 0);
  const auto whole = account_digests(world);
  std::vector<std::string> items;
  for (const std::string& id : world.query("select i.id from backstitch.orders o join backstitch.item i on i.id between o.id and "
                                           "backstitch.last_id(o.id) where o.account_id like 'R-%'"))
    items.push_back(ItemId::parse(id)->text());
  const auto calls = calls_for(world, items);
  ASSERT_GE(calls.size(), 24u) << "three calls an order";

  damage_three();
  EXPECT_NE(account_digests(world).at("R-1"), whole.at("R-1"));

  const Spoken planned = plan();
  const auto found = accounts_of(planned);
  EXPECT_EQ(planned.exit_status, 1) << "\"nobody\" holds what is R-2's, and is not put right by itself: " << planned.err;
  expect_named(found);
  if (HasFatalFailure()) return;
  const std::string id = text(planned.data(), "id");

  EXPECT_EQ(apply(id, {"--account", "nobody"}).code(), "BS-6407");
  EXPECT_EQ(apply(id, {"--account", "A-1"}).code(), "BS-6408");
  EXPECT_EQ(apply("rep-none", {"--all"}).code(), "BS-6408");
  EXPECT_EQ(speak(world, {"repair", "apply", id, "--account", "R-1", "--dry-run"}).exit_status, 0);
  EXPECT_NE(account_digests(world).at("R-1"), whole.at("R-1")) << "nothing is done by a dry run";

  const int before = client.acknowledged();
  const Spoken two = apply(id, {"--account", "R-1", "--account", "R-2"});
  ASSERT_EQ(two.exit_status, 0) << write_json(two.document) << two.err;
  auto now = account_digests(world);
  EXPECT_EQ(now.at("R-1"), whole.at("R-1"));
  EXPECT_EQ(now.at("R-2"), whole.at("R-2"));
  EXPECT_NE(now.at("R-3"), whole.at("R-3")) << "it was not chosen";
  EXPECT_EQ(now.at("R-4"), whole.at("R-4")) << "it was not damaged";
  EXPECT_FALSE(now.contains("nobody"));
  EXPECT_EQ(apply(id, {"--account", "R-1", "--account", "R-2"}).exit_status, 0) << "the same again is answered with the same";
  ASSERT_TRUE(testing::wait_until([&] { return client.acknowledged() >= before + 20; }, deadline_ms)) << "orders go on";

  const Spoken third = speak(world, {"audit"});
  EXPECT_EQ(names(third), (std::vector<std::string>{"R-3"})) << write_json(third.document) << third.err;
  EXPECT_EQ(third.data().at("partitionsDiffering").as_array().size(), 0u) << "a repair is no other decision";
  write_past_the_engine(world, "batch",
                        "update backstitch.orders set changed_at = changed_at + interval '1 s' where account_id = 'R-3'");
  const Spoken moved = apply(id, {"--account", "R-3"});
  EXPECT_EQ(moved.exit_status, 1) << "somebody wrote there since";
  EXPECT_EQ(text(moved.data().at("items").at(0), "code"), "BS-6406") << write_json(moved.document);
  const Spoken again = plan({"--account", "R-3", "--account", "R-4"});
  ASSERT_EQ(again.exit_status, 0) << write_json(again.document) << again.err;
  EXPECT_EQ(text(accounts_of(again).at("R-4"), "state"), "equal");
  ASSERT_EQ(apply(text(again.data(), "id"), {"--all"}).exit_status, 0);
  EXPECT_EQ(account_digests(world).at("R-3"), whole.at("R-3"));

  for (const char* option : {"", "--from-start"}) {
    const Spoken clean = *option ? speak(world, {"audit", option}) : speak(world, {"audit"});
    EXPECT_EQ(clean.exit_status, 0) << write_json(clean.document) << clean.err;
  }
  EXPECT_EQ(calls_for(world, items), calls) << "no call, no mark, no answer came of it";
  EXPECT_EQ(violations(world), std::vector<std::string>());
  for (const char* interface : {"keyed", "lookup", "blind"})
    EXPECT_EQ(executed_twice(world, interface), std::vector<std::string>());
  EXPECT_EQ(client.faults(), std::vector<std::string>());
}

TEST_F(Repairing, AnOpenOrderGoesOnWhereItWasAlsoBehindARestart) {
  ASSERT_TRUE(world.start());
  ASSERT_TRUE(world.call("POST", "/api/v1/systems/letter/down", "{}").ok());
  order("R-1", "R-1-1", "LETTER");
  const auto waits = [&] { return world.query("select kind from backstitch.attention where account_id = 'R-1'"); };
  ASSERT_TRUE(testing::wait_until([&] { return waits() == std::vector<std::string>{"on-hold"}; }, deadline_ms));
  ASSERT_EQ(speak(world, {"backup", "create"}).exit_status, 0);
  const auto whole = account_digests(world);
  write_past_the_engine(world, "batch",
                        "delete from backstitch.attention where account_id = 'R-1';"
                        "update backstitch.item set state = 'Failed' where state = 'OnHold'");
  world.stop_platform();
  ASSERT_TRUE(world.start());  // now its memory is what the damaged rows say
  const Spoken planned = plan();
  ASSERT_EQ(planned.exit_status, 0) << write_json(planned.document) << planned.err;
  EXPECT_EQ(differences(accounts_of(planned).at("R-1")),
            (std::set<std::string>{R"(item state: "Failed" -> "OnHold")", "attention : null -> row"}));
  ASSERT_EQ(apply(text(planned.data(), "id"), {"--account", "R-1"}).exit_status, 0);
  EXPECT_EQ(account_digests(world).at("R-1"), whole.at("R-1"));
  ASSERT_TRUE(world.call("POST", "/api/v1/systems/letter/up", "{}").ok());
  ASSERT_TRUE(world.call("POST", "/api/v1/systems/letter/unhold", "{}").ok());
  EXPECT_TRUE(world.await_state("R-1-1", "Activated", deadline_ms));
  EXPECT_EQ(count_of(world, "blind", "executions"), 1);
  EXPECT_EQ(speak(world, {"audit", "--from-start"}).exit_status, 0);
}

class RepairingInTheAir : public Repairing {
 protected:
  RepairingInTheAir() : Repairing("latency=15000-15000") {}
};

TEST_F(RepairingInTheAir, ARunningItemWhoseRowSaysOtherwiseIsNoMatterForARepair) {
  ASSERT_TRUE(world.start());
  ASSERT_EQ(speak(world, {"backup", "create"}).exit_status, 0);
  order("R-1", "R-1-1", "LETTER");
  ASSERT_TRUE(testing::wait_until(
      [&] {
        return world.query("select count(*) from backstitch.item where state = 'Running'") == std::vector<std::string>{"1"};
      },
      deadline_ms));
  write_past_the_engine(world, "batch", "update backstitch.item set state = 'Completed' where state = 'Running'");
  const Spoken planned = plan();
  EXPECT_EQ(planned.exit_status, 1) << write_json(planned.document) << planned.err;
  const auto found = accounts_of(planned);
  ASSERT_TRUE(found.contains("R-1"));
  EXPECT_EQ(text(found.at("R-1"), "code"), "BS-6407");
  EXPECT_NE(text(found.at("R-1"), "why").find("in the air"), std::string::npos) << write_json(found.at("R-1"));
  EXPECT_EQ(apply(text(planned.data(), "id"), {"--account", "R-1"}).code(), "BS-6407");
}

TEST_F(Repairing, OverHttpWithAPlanOfItsOwnProcess) {
  ASSERT_TRUE(world.start());
  order("R-1", "R-1-1", "PARCEL");
  ASSERT_TRUE(world.await_state("R-1-1", "Activated", deadline_ms));
  ASSERT_EQ(speak(world, {"backup", "create"}).exit_status, 0);
  const auto whole = account_digests(world);
  write_past_the_engine(world, "batch", "delete from backstitch.inventory; delete from backstitch.asset");
  EXPECT_EQ(world.call("POST", "/api/v1/repairs", "{}").status, 400);
  const HttpAnswer begun = world.call("POST", "/api/v1/repairs", R"({"accounts":["R-1"],"actor":"ann"})");
  ASSERT_EQ(begun.status, 202) << begun.body;
  const std::string path = "/api/v1/repairs/" + text(*parse_json(begun.body), "id");
  ASSERT_TRUE(testing::wait_until([&] { return world.get(path).is_object(); }, deadline_ms));
  EXPECT_EQ(text(world.get(path), "actor"), "ann");
  EXPECT_EQ(plan({"--all-damaged", "--id", text(*parse_json(begun.body), "id")}).exit_status, 2) << "a plan is not written over";
  EXPECT_EQ(text(world.get(path), "actor"), "ann");
  EXPECT_EQ(world.get("/api/v1/repairs").at("items").as_array().size(), 1u);
  EXPECT_EQ(world.call("POST", path + "/apply", R"({"accounts":["R-1"]})").status, 422) << "without a reason";
  const HttpAnswer applied = world.call("POST", path + "/apply", R"({"all":true,"reason":"job 4711","actor":"ann"})");
  ASSERT_EQ(applied.status, 200) << applied.body;
  EXPECT_EQ(text(parse_json(applied.body)->at("items").at(0), "state"), "applied") << applied.body;
  EXPECT_EQ(account_digests(world), whole);
}

}  // namespace
}  // namespace backstitch::e2e
