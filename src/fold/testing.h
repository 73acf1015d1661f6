// For tests only: a fold on a shard in memory that is stricter than PostgreSQL, with records of one partition.
#pragma once
#include <gtest/gtest.h>

#include "fold/fold.h"
#include "rules/fixture.h"
#include "stores/database/strict_fake.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::testing {

class FoldTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto catalog = library.store(fixture::catalog_text("mini"));
    ASSERT_TRUE(catalog) << catalog.error().text();
    digest = (*catalog)->digest;
    records.push_back(
        record("incoming.catalog-activate/1", R"({"commandId":"cmd_00000000000000000000000001","digest":")" + digest + "\"}"));
    open(truth);
  }

  void open(database::FakeTruth& on) {
    fold.reset();
    shard = on.open_shard();
    const auto positions = shard->claim({0});
    ASSERT_TRUE(positions) << positions.error().text();
    fold = std::make_unique<Fold>(EngineSettings(), library, *shard, [this] { return before_load ? before_load() : Status(); });
    const Status opened = fold->open(*positions);
    ASSERT_TRUE(opened) << opened.error().text();
  }

  InputRecord record(const std::string& schema, const std::string& value) {
    const Log log = schema.starts_with("completer") ? Log::completer : Log::incoming;
    return {log, 0, ++offsets[static_cast<int>(log)], Time{1'700'000'000'000'000 + ++ticks * 1000}, "A-1", schema, "{}", value};
  }
  InputRecord submit(const std::string& id, const std::string& items) {
    return record("incoming.submit/1",
                  R"({"source":"org1","sourceOrderId":")" + id + R"(","accountId":"A-1","items":[)" + items + "]}");
  }

  /// Folds and commits.
  FoldedTurn turn(const std::vector<InputRecord>& inputs) {
    auto folded = fold->turn(inputs);
    EXPECT_TRUE(folded) << folded.error().text();
    if (!folded) return {};
    const Status sent = shard->send_turn(folded->write);
    EXPECT_TRUE(sent) << sent.error().text();
    const Status committed = shard->await_turn();
    EXPECT_TRUE(committed) << committed.error().text();
    return std::move(*folded);
  }

  /// Everything that systems and people do until nothing is in the air: each task is answered, each manual task is done.
  std::vector<InputRecord> answers_to(const Effects& effects) {
    std::vector<InputRecord> out;
    for (const Task& task : effects.tasks)
      out.push_back(record("completer.answer/1",
                           fmt::format(R"({{"effectKey":"{}","itemId":"{}","outcome":"done","response":{{"circuitId":"C-{}"}}}})",
                                       task.key.text(), task.item.text(), ticks)));
    return out;
  }

  static constexpr const char* fiber =
      R"({"lineId":"1","product":"FIBER","action":"Add","assetRef":"F1","attributes":{"speed":500}})";

  safe::StrictFake safe;
  CatalogLibrary library{safe};
  database::FakeTruth truth{1};
  std::unique_ptr<database::Shard> shard;
  std::unique_ptr<Fold> fold;
  std::function<Status()> before_load;
  std::string digest;
  std::vector<InputRecord> records;  // the activation
  std::uint64_t offsets[2] = {0, 0};
  std::int64_t ticks = 0;
};

}  // namespace backstitch::testing
