// Objects and the safe on a real S3 when there is no answer, half of one, a late request, or none for us: through a gate before
// it.
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "contract/safe/help.h"
#include "harness/tcp_gate.h"
#include "s3_house.h"
#include "stores/objects/s3/s3_objects.h"
#include "stores/safe/s3/s3_safe.h"

namespace backstitch::safe {
namespace {

using contract::records;
using testing::TcpGate;
using testing::wait_until;

class S3FaultsTest : public ::testing::Test {
 protected:
  servers::S3House& house = servers::S3House::get();
  TcpGate gate{house.server.port()};
  const objects::S3Settings direct = house.settings();
  objects::S3Settings through = gated();

  objects::S3Settings gated() const {
    objects::S3Settings settings = direct;
    settings.endpoint = "http://127.0.0.1:" + std::to_string(gate.port());
    settings.attempt_ms = 1'500, settings.timeout_ms = 20'000;
    return settings;
  }
  static std::unique_ptr<Safe> open(const objects::S3Settings& settings, const S3LogLimits& limits = {}) {
    auto opened = open_s3_safe(settings, limits);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
    return opened ? std::move(*opened) : nullptr;
  }

  using Rule = void (*)(TcpGate&);
  /// Three ways in which a reply to what begins so does not come: silence, an end, half of it.
  static inline const std::vector<Rule> ways = {[](TcpGate& gate) { gate.lose_replies(1); },
                                                [](TcpGate& gate) { gate.close_at_replies(1); },
                                                [](TcpGate& gate) { gate.cut_replies(40, 1); }};

  /// What a process does whose requests of this kind get stuck, and that is killed then. They arrive with gate.pass().
  void kill_amid(const std::string& kind, const std::function<void(Safe&)>& act) {
    gate.only(kind);
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto settings = through;
      settings.attempt_ms = 60'000;
      const auto safe = open_s3_safe(settings);
      ::close(pipe_ends[0]);
      if (!safe || ::write(pipe_ends[1], "r", 1) != 1) ::_exit(2);
      while (::access((house.folder / "go").c_str(), F_OK) != 0 && ::getppid() != 1) ::poll(nullptr, 0, 2);
      act(**safe);
      ::_exit(0);
    }
    ::close(pipe_ends[1]);
    char ready = 0;
    EXPECT_EQ(::read(pipe_ends[0], &ready, 1), 1) << "it does not open the safe";
    ::close(pipe_ends[0]);
    gate.hold_requests();
    EXPECT_TRUE(write_file_durably(house.folder / "go", ""));
    EXPECT_TRUE(wait_until([&] { return gate.requests_held() == 1; }, 20'000)) << "nothing got stuck";
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::unlink((house.folder / "go").c_str());
  }
  void let_it_arrive() {
    const int expected = gate.late_replies() + gate.requests_held();
    gate.pass();
    EXPECT_TRUE(wait_until([&] { return gate.late_replies() == expected; }, 20'000));
  }
};

TEST_F(S3FaultsTest, AChangeOfTheEpochWhoseAnswerIsLostIsDoneOnce) {
  const auto safe = open(through), other = open(direct);
  gate.only("PUT ");
  std::uint64_t n = 1;
  for (const Rule& way : ways) {
    way(gate);
    const Status changed = safe->change_epoch({n, true, ""}, {n + 1, true, ""});
    ASSERT_TRUE(changed) << n << " " << changed.error().text();
    n += 1;
    EXPECT_EQ(gate.replies_taken(), static_cast<int>(n) - 1);
    EXPECT_EQ(other->epoch().value(), (Epoch{n, true, ""}));
    EXPECT_EQ(other->change_epoch({n - 1, true, ""}, {n, true, ""}).error().code, Code::epoch_conflict);
  }
}

TEST_F(S3FaultsTest, AChangeOfTheEpochThatArrivesLateIsRefused) {
  through.timeout_ms = 4'000;
  const auto safe = open(through), other = open(direct);
  gate.only("PUT ");
  gate.hold_requests();
  const Status changed = safe->change_epoch({1, true, ""}, {2, false, "late"});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Code::unreachable) << changed.error().text();
  EXPECT_NE(changed.error().detail.find("unknown"), std::string::npos) << changed.error().text();
  ASSERT_TRUE(other->change_epoch({1, true, ""}, {2, false, "other"}));
  ASSERT_TRUE(other->change_epoch({2, false, "other"}, {2, true, ""}));
  let_it_arrive();
  EXPECT_EQ(other->epoch().value(), (Epoch{2, true, ""}));
}

TEST_F(S3FaultsTest, AnEpochOfTheSameContentIsNotTakenForTheOldOne) {
  open(direct);
  kill_amid("PUT ", [](Safe& safe) { static_cast<void>(safe.change_epoch({1, true, ""}, {9, true, ""})); });
  const auto other = open(direct);
  ASSERT_TRUE(other->change_epoch({1, true, ""}, {1, false, "x"}));
  ASSERT_TRUE(other->change_epoch({1, false, "x"}, {1, true, ""})) << "as it was";
  let_it_arrive();
  EXPECT_EQ(other->epoch().value(), (Epoch{1, true, ""}));
}

TEST_F(S3FaultsTest, AJournalOfAKilledProcessDoesNotStandOverANewerOne) {
  ASSERT_TRUE(open(direct)->put("recoveries/rec-1.json", "first"));
  kill_amid("PUT ", [](Safe& safe) { static_cast<void>(safe.put("recoveries/rec-1.json", "of the killed one")); });
  const auto other = open(direct);
  ASSERT_TRUE(other->put("recoveries/rec-1.json", "newer"));
  ASSERT_TRUE(other->put("recoveries/rec-1.json", "first")) << "again what the killed one had read";
  let_it_arrive();
  EXPECT_EQ(other->get("recoveries/rec-1.json").value(), "first");
}

TEST_F(S3FaultsTest, RecordsOfAKilledProcessDoNotReplaceLaterOnes) {
  ASSERT_TRUE(open(direct)->archive("incoming", 0, records(1, 2)));
  kill_amid("PUT ", [](Safe& safe) { static_cast<void>(safe.archive("incoming", 0, records(3, 4))); });
  const auto other = open(direct);
  ASSERT_TRUE(other->archive("incoming", 0, records(3, 9)));
  let_it_arrive();
  contract::holds(*open(direct), "incoming", 0, 9);
}

TEST_F(S3FaultsTest, RecordsOfAKilledProcessThatArriveFirstCount) {
  ASSERT_TRUE(open(direct)->archive("incoming", 0, records(1, 2)));
  kill_amid("PUT ", [](Safe& safe) { static_cast<void>(safe.archive("incoming", 0, records(3, 4))); });
  const auto other = open(direct);
  EXPECT_EQ(other->archived_end("incoming", 0).value(), 3u);
  let_it_arrive();
  ASSERT_TRUE(other->archive("incoming", 0, records(3, 9))) << "though it had seen an older end";
  contract::holds(*open(direct), "incoming", 0, 9);
}

TEST_F(S3FaultsTest, LostAnswersOfAnArchiveLoseNoRecord) {
  const auto safe = open(through, {700, 400});
  queue::Offset end = 0;
  for (const char* kind : {"PUT ", "GET "})
    for (const Rule& way : ways) {
      gate.only(kind);
      way(gate);
      const Status done = safe->archive("incoming", 0, records(1, end + 5));
      ASSERT_TRUE(done) << kind << done.error().text();
      end += 5;
    }
  EXPECT_EQ(gate.replies_taken(), 6);
  contract::holds(*open(direct), "incoming", 0, end);
}

TEST_F(S3FaultsTest, AStoreFarAwayIsSlowAndNothingElse) {
  const auto safe = open(through);
  gate.delay(60);
  ASSERT_TRUE(safe->archive("incoming", 0, records(1, 5)));
  ASSERT_TRUE(safe->put("evidence/a", "x"));
  ASSERT_TRUE(safe->change_epoch({1, true, ""}, {2, true, ""}));
  contract::holds(*safe, "incoming", 0, 5);
}

TEST_F(S3FaultsTest, WhatCannotBeReachedIsSaidSoon) {
  const auto safe = open(through);
  gate.refuse();
  const std::int64_t begun = monotonic_ms();
  const auto epoch = safe->epoch();
  ASSERT_FALSE(epoch);
  EXPECT_EQ(epoch.error().code, Code::unreachable) << epoch.error().text();
  EXPECT_LT(monotonic_ms() - begun, 15'000);
  gate.pass();
  EXPECT_TRUE(safe->epoch());
}

TEST_F(S3FaultsTest, ObjectsWhoseAnswerIsLostAreWhoseTheyAre) {
  through.part_bytes = 5 << 20;
  auto objects = objects::open_s3_objects(through);
  ASSERT_TRUE(objects) << objects.error().text();
  const std::string large(6 << 20, 'x');
  int taken = 0;
  for (const Rule& way : ways) {
    const std::string name = "export/" + std::to_string(taken);
    gate.only("PUT ");
    way(gate);
    EXPECT_TRUE((*objects)->put_new(name, "x").value()) << name;
    EXPECT_FALSE((*objects)->put_new(name, "x").value()) << name;
    gate.only("?uploadId=");  // the end of an upload, and what gives it up
    way(gate);
    ASSERT_TRUE((*objects)->put(name, large)) << name;
    EXPECT_TRUE((*objects)->get(name).value() == large) << name;
    gate.only("DELETE ");
    way(gate);
    EXPECT_TRUE((*objects)->remove(name)) << name;
    taken += 3;
    EXPECT_EQ(gate.replies_taken(), taken);
  }
}

TEST_F(S3FaultsTest, NumbersAndWordsForWhatWillNeverBeAnswered) {
  const auto error = [&](auto change) {
    objects::S3Settings settings = direct;
    change(settings);
    const auto opened = open_s3_safe(settings);
    return opened ? "opened" : code_text(opened.error().code) + " " + opened.error().detail;
  };
  const auto says = [](const std::string& text, const std::string& code, const std::string& words) {
    return text.starts_with(code) && text.find(words) != std::string::npos && text.find("backstitch-secret") == std::string::npos;
  };
  std::string text = error([](objects::S3Settings& settings) { settings.secret_key = "wrong"; });
  EXPECT_TRUE(says(text, "BS-1002", "SignatureDoesNotMatch")) << text;
  text = error([](objects::S3Settings& settings) { settings.access_key = "NOBODY"; });
  EXPECT_TRUE(says(text, "BS-1002", "InvalidAccessKeyId")) << text;
  text = error([](objects::S3Settings& settings) { settings.access_key = "STRANGER", settings.secret_key = "stranger-secret"; });
  EXPECT_TRUE(says(text, "BS-1002", "AccessDenied")) << text;
  text = error([](objects::S3Settings& settings) { settings.bucket = "nowhere"; });
  EXPECT_TRUE(says(text, "BS-1002", "NoSuchBucket  (it is not made here)")) << text;
  text = error([](objects::S3Settings& settings) { settings.clock = [] { return wall_clock().plus_ms(-86'400'000); }; });
  EXPECT_TRUE(says(text, "BS-1002", "RequestTimeTooSkewed")) << text;
  EXPECT_TRUE(says(text, "BS-1002", "(our clock says " + rfc3339(wall_clock().plus_ms(-86'400'000)).substr(0, 10))) << text;
  text = error(
      [](objects::S3Settings& settings) { settings.endpoint = "http://127.0.0.1:" + std::to_string(servers::free_ports(1)); });
  EXPECT_TRUE(says(text, "BS-1104", "onnect")) << text;
  text = error([](objects::S3Settings& settings) { settings.endpoint = "ftp://127.0.0.1"; });
  EXPECT_TRUE(says(text, "BS-1002", "endpoint")) << text;
}

/// Everything that was acknowledged before all of the server's processes were killed at once is there behind it, and once.
TEST_F(S3FaultsTest, WhatWasAcknowledgedOutlivesAKilledServer) {
  const auto safe = open(direct, {2'000, 1'000});
  std::atomic<queue::Offset> acknowledged{0};
  std::atomic<int> journal{0};
  std::atomic<std::uint64_t> epoch{1};
  std::atomic<bool> over{false};
  std::vector<std::thread> writers;
  writers.emplace_back([&] {
    for (queue::Offset next = 1; !over;)
      if (safe->archive("incoming", 0, records(next, next + 2))) acknowledged = next + 2, next += 3;
  });
  writers.emplace_back([&] {
    for (int next = 1; !over;)
      if (safe->put("recoveries/rec-1.json", std::to_string(next))) journal = next++;
  });
  writers.emplace_back([&] {
    while (!over) {
      const auto now = safe->epoch();
      if (now && safe->change_epoch(*now, {now->n + 1, true, ""})) epoch = now->n + 1;
    }
  });
  const auto all_beyond = [&](queue::Offset records_seen) {
    return wait_until([&] { return acknowledged > records_seen && journal > 3 && epoch > 3; }, 60'000);
  };
  EXPECT_TRUE(all_beyond(9));
  house.server.kill_hard();
  const queue::Offset before = acknowledged;
  const std::uint64_t epoch_before = epoch;
  const int journal_before = journal;
  const Status again = house.server.start_again();
  EXPECT_TRUE(again) << again.error().text();
  EXPECT_TRUE(all_beyond(before + 9));
  over = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_GE(safe->epoch()->n, epoch_before);
  EXPECT_GE(std::stoi(open(direct)->get("recoveries/rec-1.json").value()), journal_before);
  const queue::Offset end = open(direct)->archived_end("incoming", 0).value();
  EXPECT_GT(end, acknowledged);
  contract::holds(*open(direct), "incoming", 0, end - 1);
}

}  // namespace
}  // namespace backstitch::safe
