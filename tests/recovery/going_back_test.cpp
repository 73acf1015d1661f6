// What the fold needs for going back: to leave inputs out is as if they had never been (P3), a database that stands in the middle
// is folded to the end however often it was rewound, and a policy that adopts nothing comes to the same rows in every later fold.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/testing.h"
#include "fold/net_updates.h"
#include "recovery/replay/replay.h"
#include "stores/safe/files/files_safe.h"
#include "world/crowd.h"
#include "world/image.h"

namespace backstitch::world {
namespace {

namespace json = boost::json;
using recovery::Exclusion;
using testing::wait_until;

constexpr int partitions = 8;
using Lines = std::vector<std::pair<std::uint64_t, std::string>>;

/// A copy of a safe's archives and turn mirror, changed on the way.
class OtherSafe {
 public:
  OtherSafe() : safe_(safe::open_files_safe(folder_.path() + "/safe").value()) {}
  safe::Safe& operator*() { return *safe_; }
  safe::Safe* operator->() { return safe_.get(); }

  /// Without these records of incoming: those behind them move up, so that no offset is missing.
  void copy_archives(safe::Safe& from, const std::set<std::pair<Partition, std::uint64_t>>& without = {}) {
    for (const char* topic : {"completer", "incoming"})
      for (Partition partition = 0; partition < partitions; ++partition) {
        std::vector<queue::Record> records;
        std::uint64_t next = 1;
        const Status read = from.read_archive(topic, partition, 1, [&](const queue::Record& record) {
          if (topic[0] == 'i' && without.contains({partition, record.offset})) return true;
          records.push_back(record);
          records.back().offset = next++;
          return true;
        });
        ASSERT_TRUE(read || read.error().code == Code::offset_behind_end) << read.error().text();
        ASSERT_TRUE(safe_->archive(topic, partition, records));
      }
  }
  /// The first `share` of each partition's turns.
  void copy_turns(safe::Safe& from, double share, const std::set<std::pair<Partition, std::uint64_t>>& without = {}) {
    for (Partition partition = 0; partition < partitions; ++partition) {
      Lines lines = lines_of(from, partition);
      lines.resize(static_cast<std::size_t>(static_cast<double>(lines.size()) * share));
      for (auto& [number, line] : lines) line = moved_up(line, partition, without);
      ASSERT_TRUE(safe_->mirror_turns(partition, lines));
    }
  }
  static Lines lines_of(safe::Safe& from, Partition partition) {
    Lines lines;
    EXPECT_TRUE(from.read_turns(partition, [&](std::uint64_t number, const std::string& line) {
      lines.emplace_back(number, line);
      return true;
    }));
    return lines;
  }

 private:
  static std::string moved_up(const std::string& line, Partition partition,
                              const std::set<std::pair<Partition, std::uint64_t>>& without) {
    json::value turn = parse_json(line).value();
    for (json::value& end : turn.as_object().at("incoming").as_array()) {
      const std::uint64_t offset = std::stoull(std::string(end.as_string()));
      const auto gone = std::count_if(without.begin(), without.end(),
                                      [&](const auto& place) { return place.first == partition && place.second < offset; });
      end = std::to_string(offset - static_cast<std::uint64_t>(gone));
    }
    return write_json(turn);
  }
  queue::ScratchFolder folder_;
  std::unique_ptr<safe::Safe> safe_;
};

class GoingBack : public ::testing::Test {
 protected:
  void SetUp() override {
    open_log("/dev/null", LogLevel::error, "test");
    ASSERT_TRUE(world.start());
    ASSERT_TRUE(world.activate_catalog(catalog_text(1), "first"));
    for (int round = 0; round < 6; ++round) {
      crowd.submit_orders(25);
      crowd.append_noise();
      wait_until([this] { return world.intake().backlog() == 0; }, 3'000);
      crowd.operate();
      if (round == 2) {
        ASSERT_TRUE(world.activate_catalog(catalog_text(2), "second"));
      }
    }
    const Status archived = world.stop();
    ASSERT_TRUE(archived) << archived.error().text();
    live = image_of(world.database());
    ASSERT_GT(live.accounts.size(), 10u);
  }

  void replay_into(database::Database& copy, safe::Safe& from, recovery::ReplaySettings settings = {}) {
    settings.engine = world.settings().engine;
    CatalogLibrary library(world.safe());
    const auto report = recovery::replay(settings, from, copy, library);
    ASSERT_TRUE(report) << report.error().text();
  }
  static void expect_sound(database::Database& copy) {
    const auto broken = copy.verify("");
    ASSERT_TRUE(broken) << broken.error().text();
    for (const auto& violation : *broken)
      EXPECT_EQ(violation.count, 0) << violation.invariant << " " << (violation.rows.empty() ? "" : violation.rows.front());
  }

  /// Submits of these accounts, all of them or every other one.
  std::vector<Exclusion> submits_of(const std::set<std::string>& accounts, bool every_other) {
    std::vector<Exclusion> list;
    int seen = 0;
    for (Partition partition = 0; partition < partitions; ++partition)
      EXPECT_TRUE(world.safe().read_archive("incoming", partition, 1, [&](const queue::Record& record) {
        if (record.schema == "incoming.submit/1" && accounts.contains(record.key) && (!every_other || seen++ % 2 == 0))
          list.push_back({partition, record.offset, sha256_hex(record.value), "not wanted"});
        return true;
      }));
    return list;
  }

  StubSystems systems{5, 0.3};
  World world{WorldSettings{.partitions = partitions, .shard_threads = 2, .turn_inputs_max = 24}, systems};
  Crowd crowd{world, 5, 12};
  Image live;
};

// P3. The fresh run: a log in which the excluded records never were.
TEST_F(GoingBack, LeavingOutIsAsIfItHadNeverBeen) {
  const std::set<std::string> gone{"A-1"}, touched{"A-2", "A-3"};
  std::vector<Exclusion> list = submits_of(gone, false);
  const std::vector<Exclusion> half = submits_of(touched, true);
  list.insert(list.end(), half.begin(), half.end());
  ASSERT_GT(list.size(), 5u);
  ASSERT_TRUE(recovery::check_exclusions(world.safe(), list));
  recovery::ReplaySettings settings;
  std::set<std::pair<Partition, std::uint64_t>> places;
  for (const Exclusion& one : list)
    settings.exclusions[{one.partition, one.offset}] = one, places.insert({one.partition, one.offset});
  std::uint64_t last_done = 0, last_all = 0;
  settings.progress = [&](std::uint64_t done, std::uint64_t all) { last_done = done, last_all = all; };
  const auto copy = new_database(partitions);
  replay_into(*copy, world.safe(), settings);
  const Image without = image_of(*copy);
  EXPECT_GT(last_done, 100u);
  EXPECT_EQ(last_done, last_all);

  OtherSafe fresh;
  fresh.copy_archives(world.safe(), places);
  fresh.copy_turns(world.safe(), 1, places);
  const auto never = new_database(partitions);
  replay_into(*never, *fresh);
  EXPECT_EQ(without.accounts, image_of(*never).accounts);
  EXPECT_FALSE(without.accounts.contains("A-1"));
  for (const auto& [account, digest] : live.accounts)
    if (!gone.contains(account) && !touched.contains(account)) {
      EXPECT_EQ(without.accounts.at(account), digest) << account;
    }
  EXPECT_NE(without.accounts, live.accounts);
  expect_sound(*copy);

  CatalogLibrary library(world.safe());
  const auto told = recovery::excluded_updates(world.safe(), *copy, list);
  ASSERT_TRUE(told) << told.error().text();
  EXPECT_FALSE(told->empty());
  for (const CrmUpdate& update : *told) EXPECT_NE(update.body.find(R"("state":"Rejected")"), std::string::npos);

  // Part of history from now on: a fold that knows nothing of this recovery leaves the same out.
  ASSERT_TRUE(recovery::keep_exclusions(world.safe(), "rec-1", list));
  const auto later = new_database(partitions);
  replay_into(*later, world.safe());
  expect_equal(without, image_of(*later), "a later fold");
}

TEST_F(GoingBack, FromTheMiddleToTheEndTwice) {
  OtherSafe half;
  half.copy_archives(world.safe()), half.copy_turns(world.safe(), 0.5);
  const auto first = new_database(partitions);
  replay_into(*first, *half);
  EXPECT_NE(image_of(*first).accounts, live.accounts) << "it stands in the middle";
  const auto middle = first->positions().value();
  replay_into(*first, world.safe());
  expect_equal(live, image_of(*first), "rewound once");

  // The turns of this replay go on behind those that are mirrored, over the same records.
  const auto shard = first->open_shard().value();
  for (const database::Position& position : middle) {
    const auto turns = shard->turn_lines(position.partition, position.turn, 100'000);
    ASSERT_TRUE(turns) << turns.error().text();
    Lines lines;
    std::uint64_t number = world.safe().mirrored_turn(position.partition).value();
    for (const auto& [ignored, line] : *turns) lines.emplace_back(++number, line);
    ASSERT_TRUE(world.safe().mirror_turns(position.partition, lines));
  }
  OtherSafe third;
  third.copy_archives(world.safe()), third.copy_turns(world.safe(), 0.3);
  const auto second = new_database(partitions);
  replay_into(*second, *third);
  replay_into(*second, world.safe());
  expect_equal(live, image_of(*second), "rewound twice");
  const auto whole = new_database(partitions);
  replay_into(*whole, world.safe());
  expect_equal(live, image_of(*whole), "from the beginning");
}

TEST_F(GoingBack, WhatIsDistrustedStaysDistrusted) {
  OtherSafe half;
  half.copy_archives(world.safe()), half.copy_turns(world.safe(), 0.5);
  const auto copy = new_database(partitions);
  replay_into(*copy, *half);
  const auto restored = copy->positions().value();
  recovery::ReplaySettings settings;
  settings.fatally_fail = true;
  replay_into(*copy, world.safe(), settings);
  const Image distrusting = image_of(*copy);
  EXPECT_NE(distrusting.accounts, live.accounts);
  database::ListFilter filter;
  filter.kind = "fatally-failed", filter.limit = 1000;
  EXPECT_NE(copy->attention(filter).value().find(code_text(Code::restored)), std::string::npos);
  expect_sound(*copy);

  ASSERT_TRUE(
      recovery::keep_exclusions(world.safe(), "rec-1", {}, recovery::distrusted_between(restored, copy->positions().value())));
  const auto later = new_database(partitions);
  replay_into(*later, world.safe());
  expect_equal(distrusting, image_of(*later), "a later fold");
}

/// Which thing an update is about, and its text without what a row does not know: how an asset looked before.
std::pair<std::string, std::string> told(const std::string& body) {
  json::object update = parse_json(body).value().as_object();
  std::string key(update.at("type").as_string());
  for (const char* name : {"assetId", "orderId", "lineId"})
    if (const json::value* value = update.if_contains(name); value && !(key.starts_with("asset") && name[0] != 'a'))
      key += " " + std::string(value->as_string());
  if (update.contains("before")) update["before"] = nullptr;
  return {key, write_json(update)};
}

TEST_F(GoingBack, TheNetStateIsWhatTheTurnsToldLast) {
  std::map<std::string, std::string> last;
  const auto shard = world.database().open_shard().value();
  for (Partition partition = 0; partition < partitions; ++partition) {
    const auto turns = shard->unpublished(partition, 0);
    ASSERT_TRUE(turns) << turns.error().text();
    for (const auto& [turn, lines] : *turns) {
      std::istringstream in(lines);
      for (std::string line; std::getline(in, line);) {
        const auto [key, body] = told(line);
        last[key] = body;
      }
    }
  }
  ASSERT_GT(last.size(), 100u);
  CatalogLibrary library(world.safe());
  const auto net = net_updates(world.database(), *shard, library, {});
  ASSERT_TRUE(net) << net.error().text();
  std::map<std::string, std::string> now;
  for (const auto& [order, update] : *net) EXPECT_TRUE(now.insert(told(update.body)).second) << update.body;
  for (const auto& [key, body] : last) EXPECT_EQ(now[key], body) << key;
  const auto none = net_updates(world.database(), *shard, library, {wall_clock().plus_ms(60'000), wall_clock().plus_ms(60'000)});
  ASSERT_TRUE(none) << none.error().text();
  EXPECT_TRUE(none->empty());
}

}  // namespace
}  // namespace backstitch::world
