// Why an account is not what it was: the engine that had decided, an input that is left out, a hand that wrote past it, or
// nothing.
#include "recovery/replay/compare.h"

#include "engine/engine_name.h"
#include "recovery/capture/evidence.h"
#include "recovery/reconcile/reconcile_testing.h"

namespace backstitch::recovery {
namespace {

class Compare : public ReconcileTest {
 protected:
  void SetUp() override {
    ReconcileTest::SetUp();
    ASSERT_FALSE(HasFatalFailure());
    world.plan.id = "rec-1", world.partitions = partitions;
    for (Partition one = 0; one < partitions; ++one) {
      from.emplace_back();
      from.back().partition = one;
    }
  }
  /// An order whose second call was not taken: how often it is tried again is a setting of the engine.
  void order_that_fails() {
    submit("keyed");
    called(item("do"), "done"), fold();
    called(item("then"), "not-taken"), fold();
    ASSERT_EQ(state("then").state, ItemState::failed);
    capture();
  }
  /// As it stood when it was left behind.
  void capture() {
    std::string lines;
    EXPECT_OK(database->account_digests([&](const std::string& account, std::uint64_t digest) {
      lines += fmt::format("{{\"account\":\"{}\",\"digest\":\"{}\"}}\n", account, digest64_text(digest));
    }));
    EXPECT_OK(safe.put(evidence_name(world.plan, accounts_before), lines));
  }
  /// Into an empty database, by an engine that does not try again.
  void fold_without_retries() {
    fresh_database();
    ReplaySettings replaying;
    replaying.engine.default_retries = 0;
    const auto folded = replay(replaying, safe, *database, library);
    ASSERT_TRUE(folded) << folded.error().text();
  }
  boost::json::object compared() {
    world.database = std::move(database);
    auto out = compare_accounts(world, from);
    database = std::move(world.database);
    EXPECT_TRUE(out) << out.error().text();
    return out ? *out : boost::json::object();
  }
  static void expect_one(const boost::json::object& found, const char* why) {
    EXPECT_EQ(found.at("compared"), 1) << write_json(found);
    for (const char* one : {"exact", "freeByEngine", "freeByExclusion", "damaged", "unexplained"})
      EXPECT_EQ(found.at(one), std::string_view(one) == why ? 1 : 0) << one << " of " << write_json(found);
    EXPECT_EQ(found.at("free"), std::string_view(why).starts_with("free") ? 1 : 0);
  }

  World world{.plan = {}, .safe = safe, .library = library, .folders = {}, .cluster = {}};
  std::vector<database::Position> from;
};

TEST_F(Compare, AnotherEngineExplainsWhatItHadDecided) {
  order_that_fails();
  fold_without_retries();
  world.engine.default_retries = 0;
  const auto found = compared();
  expect_one(found, "freeByEngine");
  EXPECT_EQ(found.at("engine").as_string(), engine_name(world.engine));
  ASSERT_EQ(found.at("otherEngines").as_array().size(), 1u);
  EXPECT_EQ(found.at("otherEngines").at(0).at("engine").as_string(), engine_name({}));
  EXPECT_EQ(found.at("freeAccounts"), boost::json::array{"A-1"});
}

TEST_F(Compare, TheSameEngineExplainsNothing) {
  order_that_fails();
  fold_without_retries();
  const auto found = compared();  // the turns bear the very name that folds now
  expect_one(found, "unexplained");
  EXPECT_TRUE(found.at("otherEngines").as_array().empty());
}

TEST_F(Compare, AnEngineBeforeTheWindowExplainsNothing) {
  order_that_fails();
  fold_without_retries();
  world.engine.default_retries = 0;
  for (database::Position& one : from) one.incoming = offsets["incoming"] + 1, one.completer = offsets["completer"] + 1;
  expect_one(compared(), "unexplained");
}

TEST_F(Compare, WhereEveryDecisionWasTheSameSomebodyWrotePastTheEngine) {
  submit("keyed");
  capture();
  fold_anew();
  expect_one(compared(), "exact");
  auto evidence = safe.get(evidence_name(world.plan, accounts_before)).value();
  const auto digit = evidence.rfind('"') - 1;
  evidence[digit] = evidence[digit] == '0' ? '1' : '0';
  ASSERT_TRUE(safe.put(evidence_name(world.plan, accounts_before), evidence));
  world.engine.default_retries = 7;  // another name, the same decisions: no excuse
  expect_one(compared(), "damaged");
}

TEST_F(Compare, AnExclusionComesFirst) {
  order_that_fails();
  fold_without_retries();
  world.engine.default_retries = 0;
  world.plan.exclusions = {{partition, 2, "", "a test"}};
  expect_one(compared(), "freeByExclusion");
}

}  // namespace
}  // namespace backstitch::recovery
