// The cache on a strict node of Riak: its contract, siblings, and what it says when there is no answer.
#include "contract/flaws.h"
#include "riak_house.h"

namespace backstitch::cache {
namespace {

using contract::start;
using standin::RiakFlaw;
constexpr std::int64_t ttl_ms = contract::ttl_ms;

class RiakContract : public ::testing::TestWithParam<contract::CacheCase> {};

TEST_P(RiakContract, HoldsOnAStrictNode) {
  RiakHouse house;
  EXPECT_EQ(GetParam().run(house), "");
  EXPECT_EQ(house.node.blind_writes(), 0);
}

TEST_P(RiakContract, HoldsWhereConditionsAreNoGuard) {
  RiakHouse house({RiakFlaw::takes_every_condition});
  EXPECT_EQ(GetParam().run(house), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, RiakContract, ::testing::ValuesIn(contract::cases()),
                         [](const auto& with) { return with.param.name; });

TEST(RiakNodeThatIsWrong, IsSeenByTheContract) {
  const std::vector<RiakFlaw> flaws{RiakFlaw::deletes_nothing, RiakFlaw::keeps_the_first, RiakFlaw::loses_writes,
                                    RiakFlaw::cuts_at_zero};
  contract::expect_flaws_are_seen(contract::cases(), flaws, [](const std::set<RiakFlaw>& wrong) { return RiakHouse(wrong); });
}

class RiakTest : public ::testing::Test {
 protected:
  Generation generation() { return house.generation("grants").value(); }
  std::string get(const std::string& key) { return contract::get(house, "grants", key); }
  /// Another client writes without having read.
  void write_beside(const std::string& key, const std::string& value, Time expires = start.plus_ms(ttl_ms)) {
    ASSERT_TRUE(
        other.write(house.place(generation(), key), {"text/plain", fmt::format("{} {}", expires.us, value), ""}, house.soon())
            .value());
  }
  std::size_t siblings(const std::string& key) {
    return other.read(house.place(generation(), key), false, house.soon()).value().siblings.size();
  }
  RiakHouse house;
  RiakObjects other{house.settings.url, ""};
};

TEST_F(RiakTest, SiblingsThatDifferAreNothingUntilTheNextPut) {
  write_beside("ada", "may"), write_beside("ada", "may not");
  EXPECT_EQ(siblings("ada"), 2u);
  EXPECT_EQ(get("ada"), "nothing");
  EXPECT_TRUE(contract::put(house, "grants", "ada", "loaded again"));
  EXPECT_EQ(siblings("ada"), 1u);
  EXPECT_EQ(get("ada"), "loaded again");
}

TEST_F(RiakTest, SiblingsThatAgreeExpireWithTheFirst) {
  write_beside("ada", "may", start.plus_ms(10)), write_beside("ada", "may", start.plus_ms(20));
  EXPECT_EQ(siblings("ada"), 2u);
  EXPECT_EQ(contract::get(house, "grants", "ada", start.plus_ms(9)), "may");
  EXPECT_EQ(contract::get(house, "grants", "ada", start.plus_ms(10)), "nothing");
}

TEST_F(RiakTest, ARemovalBesideAPutWins) {
  contract::put(house, "grants", "ada", "x");
  const RiakPlace place = house.place(generation(), "ada");
  const std::string read_before = other.read(place, false, house.soon()).value().clock;
  contract::put(house, "grants", "ada", "x");
  ASSERT_TRUE(other.remove(place, read_before, house.soon()));
  EXPECT_EQ(siblings("ada"), 2u);
  EXPECT_EQ(get("ada"), "nothing");
  ASSERT_TRUE(house.remove("grants", "ada"));
  EXPECT_EQ(siblings("ada"), 0u);
}

TEST_F(RiakTest, WhatWasRemovedCanBePutAgainWithoutASibling) {
  contract::put(house, "grants", "ada", "x");
  ASSERT_TRUE(house.remove("grants", "ada"));
  contract::put(house, "grants", "ada", "y");
  EXPECT_EQ(siblings("ada"), 1u);
  EXPECT_EQ(get("ada"), "y");
}

TEST_F(RiakTest, APlantedEntryIsReadUntilTheSwitch) {
  write_beside("ada", "planted");
  EXPECT_EQ(get("ada"), "planted");
  ASSERT_TRUE(house.switch_generation("grants"));
  EXPECT_EQ(get("ada"), "nothing");
}

/// Several processes switch at once on a node that lets every condition pass: no number may be given to two of them.
TEST(RiakSwitch, OfManyProcessesGivesEachANumberOfItsOwn) {
  RiakHouse house({RiakFlaw::takes_every_condition});
  house.settings.timeout_ms = 10'000;
  house.settings.clock = [] { return start; };  // or the clock alone would tell them apart
  constexpr std::size_t processes = 3, times = 15;
  std::vector<std::vector<Result<Generation>>> made(processes);
  std::vector<std::thread> threads;
  for (auto& mine : made)
    threads.emplace_back([&] {
      const auto cache = house.open();
      for (std::size_t i = 0; i < times; ++i) mine.push_back(cache->switch_generation("grants"));
    });
  for (std::thread& thread : threads) thread.join();
  std::set<Generation> all;
  for (auto& mine : made)
    for (auto& number : mine) all.insert(number.value());
  EXPECT_EQ(all.size(), processes * times);
  EXPECT_EQ(house.generation("grants").value(), *all.rbegin());
}

TEST_F(RiakTest, ANodeThatForgotEverythingBeginsAboveAllBefore) {
  contract::put(house, "grants", "ada", "x");
  const Generation before = generation();
  house.node.forget();
  EXPECT_FALSE(house.put("grants", before, "ada", "loaded before", start, ttl_ms).value());
  EXPECT_EQ(get("ada"), "nothing");
  EXPECT_GT(generation(), before);
  house.node.forget();
  EXPECT_GT(house.open()->generation("grants").value(), before) << "for a client, too, that has never been here";
}

TEST_F(RiakTest, AnOldBackupIsNotBelievedByWhoHasSeenMore) {
  contract::put(house, "grants", "ada", "revoked");
  const auto restore = house.node.save();
  const Generation switched = house.switch_generation("grants").value();
  restore();
  EXPECT_EQ(get("ada"), "nothing");
  EXPECT_GT(generation(), switched);
}

TEST_F(RiakTest, ARemovedGenerationTakesItsEntriesWithIt) {
  contract::put(house, "grants", "ada", "x");
  const Generation before = generation();
  const RiakPlace place{"grants", "backstitch-generations", "grants"};
  ASSERT_TRUE(other.remove(place, other.read(place, false, house.soon())->clock, house.soon()));
  EXPECT_EQ(get("ada"), "nothing");
  EXPECT_GT(generation(), before);
}

TEST(RiakExpiry, OfTheBackendEndsSessionsAndNoGeneration) {
  std::atomic<std::int64_t> clock_us{start.us};
  standin::RiakNode::Settings node;
  node.session_expiry_ms = 4'000, node.clock = [&] { return Time{clock_us}; };
  RiakHouse house({}, node);
  contract::put(house, "sessions", "s", "ada");
  const Generation before = house.generation("sessions").value();
  EXPECT_EQ(contract::get(house, "sessions", "s"), "ada");
  clock_us = start.plus_ms(4'000).us;
  EXPECT_EQ(contract::get(house, "sessions", "s"), "nothing");
  EXPECT_EQ(house.generation("sessions").value(), before);
}

Code code_of(const auto& result) { return result ? Code::defect : result.error().code; }

TEST_F(RiakTest, NothingIsSaidWithoutAMajority) {
  contract::put(house, "grants", "ada", "x");
  const Generation before = generation();
  house.node.be_without_majority(true);
  EXPECT_EQ(code_of(house.get("grants", "ada", start)), Code::unreachable);
  EXPECT_EQ(code_of(house.put("grants", before, "ada", "y", start, ttl_ms)), Code::unreachable);
  EXPECT_EQ(code_of(house.remove("grants", "ada")), Code::unreachable);
  EXPECT_EQ(code_of(house.switch_generation("grants")), Code::unreachable);
  house.node.be_without_majority(false);
  EXPECT_EQ(get("ada"), "x");
}

TEST_F(RiakTest, ABusyNodeIsAnErrorAndTheNextCallGoesOn) {
  contract::put(house, "grants", "ada", "x");
  for (const int status : {503, 500, 429}) {
    house.node.answer_next({200, status});
    EXPECT_EQ(code_of(house.get("grants", "ada", start)), Code::unreachable) << status;
    EXPECT_EQ(get("ada"), "x");
  }
  house.node.answer_next({401});
  EXPECT_EQ(code_of(house.get("grants", "ada", start)), Code::config_invalid);
}

TEST_F(RiakTest, SilenceEndsWithTheTimeout) {
  contract::put(house, "grants", "ada", "x");
  house.node.be_silent(true);
  const auto begun = monotonic_ms();
  const auto got = house.get("grants", "ada", start);
  EXPECT_LT(monotonic_ms() - begun, 5'000);
  EXPECT_EQ(code_of(got), Code::unreachable);
  house.node.be_silent(false);
  EXPECT_EQ(get("ada"), "x");
}

/// It was done, and nobody was told: whatever the switch says, what was there before it is not readable.
TEST_F(RiakTest, ASwitchWhoseAnswerIsLostIsNoHalfSwitch) {
  contract::put(house, "grants", "ada", "x");
  house.node.answer_next({200, 0});
  static_cast<void>(house.switch_generation("grants"));
  EXPECT_EQ(get("ada"), "nothing");
  EXPECT_TRUE(contract::put(house, "grants", "ada", "y"));
  EXPECT_EQ(get("ada"), "y");
}

TEST(RiakSettings, APasswordIsNeverShown) {
  RiakSettings settings;
  settings.url = "http://ada:hunter2@127.0.0.1:1/";
  const auto got = open_riak_cache(settings).value()->get("grants", "ada", start);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::unreachable);
  EXPECT_EQ(got.error().text().find("hunter2"), std::string::npos) << got.error().text();
  settings.url = "127.0.0.1:8098";
  EXPECT_EQ(code_of(open_riak_cache(settings)), Code::config_invalid);
}

}  // namespace
}  // namespace backstitch::cache
