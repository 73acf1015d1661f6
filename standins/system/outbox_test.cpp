#include "standins/system/outbox.h"

#include <gtest/gtest.h>

namespace backstitch::standin {
namespace {

class OutboxTest : public testing::Test {
 protected:
  static constexpr Time start{1'000'000'000};
  static Time at(std::int64_t ms) { return start.plus_ms(ms); }
  static std::string key(int n) { return "eff_" + std::to_string(n) + ".1"; }

  void accept(int n, Outcome outcome = Outcome::executed) {
    book_.apply({.interface = "later",
                 .key = key(n),
                 .subject = "A-1/O" + std::to_string(n) + ":1/provision",
                 .outcome = outcome,
                 .callback_url = "http://receiver/" + key(n),
                 .at = start});
  }
  void settle(int n, Verb verb, Time now) { book_.apply({.kind = Kind::settle, .key = key(n), .verb = verb, .at = now}); }
  void change(const Faults& faults) {
    faults_ = faults;
    outbox_.faults_changed();
  }
  /// As the interface does it.
  Round round(Time now, std::size_t room = 100) {
    for (const std::size_t index : outbox_.due(book_, faults_, now))
      book_.apply({.kind = Kind::out, .key = book_.effect(index).key, .at = now});
    return outbox_.pick(book_, faults_, now, room);
  }
  bool sent(const Letter& letter, int status, Time now) {
    const bool delivered = outbox_.sent(letter, status, faults_, now);
    if (delivered) book_.apply({.kind = Kind::callback, .key = letter.key, .status = status, .at = now});
    return delivered;
  }
  bool out(int n) const { return book_.latest(key(n))->out; }

  Book book_;
  Faults faults_{.callback_min_ms = 100, .callback_max_ms = 100};
  Outbox outbox_{"later", 7};
};

TEST_F(OutboxTest, AResultIsOutAndSentWhenItsTimeHasCome) {
  accept(1);
  const Round early = round(at(99));
  EXPECT_TRUE(early.letters.empty());
  EXPECT_EQ(early.next, at(100));
  EXPECT_FALSE(out(1));
  const Round due = round(at(100));
  ASSERT_EQ(due.letters.size(), 1u);
  EXPECT_TRUE(out(1));
  EXPECT_EQ(due.letters[0].url, "http://receiver/eff_1.1");
  EXPECT_TRUE(round(at(5'000)).letters.empty()) << "it is on its way";
  EXPECT_TRUE(sent(due.letters[0], 202, at(5'000)));
  EXPECT_TRUE(round(at(60'000)).letters.empty());
  EXPECT_TRUE(book_.waiting().empty());
}

TEST_F(OutboxTest, TheTimeFollowsTheFaultsAsTheyAreNowAndWhatIsOutStaysOut) {
  accept(1);
  round(at(50));
  change({.callback_min_ms = 1'000, .callback_max_ms = 1'000});
  EXPECT_TRUE(round(at(999)).letters.empty());
  EXPECT_FALSE(out(1));
  accept(2);
  change({.callback_min_ms = 10, .callback_max_ms = 10});
  EXPECT_EQ(round(at(11)).letters.size(), 2u);
  change({.callback_min_ms = 1'000, .callback_max_ms = 1'000});
  round(at(12));
  EXPECT_TRUE(out(1) && out(2));
}

TEST_F(OutboxTest, TriesAgainAfterLongerAndLongerPauses) {
  accept(1);
  const Letter letter = round(at(100)).letters.at(0);
  std::int64_t now_ms = 100;
  const int statuses[] = {0, 503, 408, 429, 302, 500, 0};
  const std::int64_t pauses_ms[] = {100, 200, 400, 800, 1'600, 2'000, 2'000};
  for (int n = 0; n < 7; ++n) {
    ASSERT_FALSE(sent(letter, statuses[n], at(now_ms)));
    EXPECT_EQ(round(at(now_ms)).next, at(now_ms + pauses_ms[n]));
    EXPECT_TRUE(round(at(now_ms + pauses_ms[n] - 1)).letters.empty());
    now_ms += pauses_ms[n];
    ASSERT_EQ(round(at(now_ms)).letters.size(), 1u) << n;
  }
  EXPECT_TRUE(sent(letter, 409, at(now_ms))) << "a refusal for good";
  EXPECT_TRUE(round(at(60'000)).letters.empty());
}

TEST_F(OutboxTest, NoMoreAreOnTheirWayThanThereIsRoomFor) {
  for (int n = 0; n < 5; ++n) accept(n);
  const Round first = round(at(100), 2);
  ASSERT_EQ(first.letters.size(), 2u);
  EXPECT_TRUE(round(at(100), 0).letters.empty());
  EXPECT_TRUE(out(4)) << "it shows all the same";
  for (const Letter& letter : first.letters) sent(letter, 202, at(101));
  EXPECT_EQ(round(at(101), 2).letters.at(0).key, key(2));
}

TEST_F(OutboxTest, WordFromHalfwayComesOnceAndFirst) {
  accept(1);
  change({.callback_min_ms = 100, .callback_max_ms = 100, .interim = 1});
  EXPECT_EQ(round(at(49)).next, at(50));
  const Letter word = round(at(50)).letters.at(0);
  EXPECT_EQ(word.body, R"({"outcome":"interim","code":"later/working","response":null})");
  EXPECT_TRUE(round(at(100)).letters.empty()) << "one letter at a time";
  EXPECT_TRUE(out(1));
  EXPECT_FALSE(sent(word, 0, at(100)));
  const Letter result = round(at(100)).letters.at(0);
  EXPECT_EQ(result.content, Letter::Content::result);
  sent(result, 503, at(100));
  EXPECT_EQ(round(at(200)).letters.at(0).content, Letter::Content::result);
}

TEST_F(OutboxTest, ARepetitionFollowsAnAcknowledgement) {
  change({.callback_min_ms = 100, .callback_max_ms = 100, .repeat = 1});
  accept(1);
  accept(2);
  const Round results = round(at(100));
  sent(results.letters.at(0), 202, at(101));
  sent(results.letters.at(1), 409, at(101));
  const Round again = round(at(101));
  ASSERT_EQ(again.letters.size(), 1u) << "what is not wanted is not repeated";
  EXPECT_EQ(again.letters[0].body, results.letters[0].body);
  EXPECT_FALSE(sent(again.letters[0], 0, at(102)));
  EXPECT_TRUE(round(at(60'000)).letters.empty());
}

TEST_F(OutboxTest, ASharesKeysAreChosenBySeed) {
  change({.callback_min_ms = 20, .callback_max_ms = 80, .interim = 0.5});
  for (int n = 0; n < 100; ++n) accept(n);
  std::size_t words = 0;
  for (const Letter& letter : round(at(40)).letters) words += letter.content == Letter::Content::interim;
  EXPECT_GT(words, 30u);
  EXPECT_LT(words, 70u);
  EXPECT_GT(book_.waiting().size(), 0u);
  std::size_t outs = 0;
  for (int n = 0; n < 100; ++n) outs += out(n);
  EXPECT_GT(outs, 15u);
  EXPECT_LT(outs, 60u);
}

TEST_F(OutboxTest, WhatIsTakenBackOrDoneAnewIsNotSent) {
  for (int n = 1; n <= 3; ++n) accept(n);
  accept(4, Outcome::refused);
  accept(5, Outcome::refused);
  settle(1, Verb::cancel, at(10));
  settle(2, Verb::redo, at(10));
  settle(3, Verb::accept, at(10));
  settle(4, Verb::cancel, at(10));  // there is nothing to take back
  settle(5, Verb::redo, at(10));
  EXPECT_TRUE(out(1) && out(2) && out(5));
  EXPECT_FALSE(out(3));
  const Round due = round(at(100));
  ASSERT_EQ(due.letters.size(), 2u);
  EXPECT_EQ(due.letters[0].key, key(3));
  EXPECT_EQ(due.letters[1].key, key(4));
  EXPECT_NE(due.letters[1].body.find(R"("outcome":"refused","code":"later/422")"), std::string::npos) << due.letters[1].body;
}

}  // namespace
}  // namespace backstitch::standin
