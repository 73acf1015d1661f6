// The tools of the plain procedure, against a platform that answers what the test wants.
#include "cli/verbs/verbs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>

#include "base/json.h"
#include "base/testing.h"
#include "cli/testing.h"

namespace backstitch::cli {
namespace {

using testing::FakePlatform;
using testing::json_reply;
using testing::run_verb;

TEST(MarkFatallyFailed, TakesTheItemsOfEvidenceOnceEachAndSaysWhatBecameOfThem) {
  FakePlatform platform([](const HttpRequest&) {
    return json_reply(200, R"({"ok":false,"applied":1,"refused":0,"unknown":1,"received":0,"items":[)"
                           R"({"id":"itm_1","before":"Running","after":"FatallyFailed","state":"applied"},)"
                           R"({"id":"itm_2","state":"unknown","code":"BS-3302"}]})");
  });
  const backstitch::testing::ScratchFolder folder;
  ASSERT_TRUE(write_file_durably(folder / "completer.jsonl",
                                 R"({"partition":0,"offset":"1","schema":"completer.mark/1","value":{"itemId":"itm_1"}})"
                                 "\n"
                                 R"({"partition":0,"offset":"2","schema":"completer.answer/1","value":{"itemId":"itm_1"}})"
                                 "\n"
                                 R"({"partition":0,"offset":"3","schema":"completer.due/1","value":{"itemId":"itm_2"}})"
                                 "\n"
                                 R"({"partition":0,"offset":"4","schema":"completer.seal/1","value":"broken"})"
                                 "\n"));
  const std::vector<std::string> words{
      "item", "mark-fatally-failed", "--from", folder / "completer.jsonl", "--as", "ann", "--yes", "--server", platform.url()};
  const auto answer = run_verb(words);
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->exit_status, 1) << "one is unknown";
  EXPECT_NE(answer->text.find("FatallyFailed"), std::string::npos) << answer->text;
  const auto body = parse_json(platform.requests().at(0).body);
  ASSERT_TRUE(body);
  EXPECT_EQ(write_json(body->at("items")), R"(["itm_1","itm_2"])");
  EXPECT_EQ(body->at("actor").as_string(), "ann");
  EXPECT_FALSE(body->at("reason").as_string().empty());
  EXPECT_FALSE(body->at("dryRun").as_bool());
  EXPECT_NE(std::find(answer->notices.begin(), answer->notices.end(), "1 records name no item"), answer->notices.end());
}

TEST(MarkFatallyFailed, GoesInBatchesAndDryRunOnlyAsks) {
  FakePlatform platform([](const HttpRequest&) { return json_reply(200, R"({"ok":true,"items":[]})"); });
  const backstitch::testing::ScratchFolder folder;
  std::string ids;
  for (int i = 0; i < 1201; ++i) ids += fmt::format("itm_{}\n", i);
  ASSERT_TRUE(write_file_durably(folder / "items.txt", ids + "itm_7\n\n"));
  const auto answer =
      run_verb({"item", "mark-fatally-failed", "--items", folder / "items.txt", "--dry-run", "--server", platform.url()});
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->exit_status, 0);
  ASSERT_EQ(platform.requests().size(), 3u);
  EXPECT_TRUE(parse_json(platform.requests().at(2).body)->at("dryRun").as_bool());
  EXPECT_EQ(parse_json(platform.requests().at(2).body)->at("items").as_array().size(), 201u);
  EXPECT_EQ(run_verb({"item", "mark-fatally-failed", "--yes", "--server", platform.url()}).error().code, Code::usage);
}

TEST(InventoryTools, OrphansAreExitStatusOne) {
  std::string body = R"({"ok":false,"accounts":2,"inventory":1,"assets":1,"items":[{"kind":"unlinked","accountId":"A-1"}]})";
  FakePlatform platform([&](const HttpRequest&) { return json_reply(200, body); });
  const auto found = run_verb({"inventory", "check", "--repair", "--server", platform.url()});
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->exit_status, 1);
  EXPECT_TRUE(parse_json(platform.requests().at(0).body)->at("repair").as_bool());
  body = R"({"ok":true,"accounts":2,"items":[],"repair":{"links":1,"applied":1,"refused":0,"open":0}})";
  EXPECT_EQ(run_verb({"inventory", "check", "--server", platform.url()})->exit_status, 0);
}

TEST(InventoryTools, ASheetOfEvidenceOfAServerIsAskedOfIt) {
  FakePlatform platform([](const HttpRequest&) {
    return json_reply(200, R"({"from":"evidence","items":[{"id":"inv_1","accountId":"A-1","product":"T","systemRef":"C-1"}]})");
  });
  const auto sheet = run_verb({"inventory", "sheet", "--account", "A-1", "--evidence", "--server", platform.url()});
  ASSERT_TRUE(sheet) << sheet.error().text();
  EXPECT_EQ(platform.requests().at(0).query_value("evidence"), "true");
  EXPECT_NE(sheet->text.find("T of A-1"), std::string::npos) << sheet->text;
  EXPECT_NE(sheet->text.find("C-1"), std::string::npos) << sheet->text;
}

TEST(WorkersAndCatalog, WhatIsNotRightIsExitStatusOne) {
  std::string body = R"({"ok":false,"asConfigured":true,"missing":1,"stray":0,"items":[{"slot":"default/0","state":"missing"}]})";
  FakePlatform platform([&](const HttpRequest&) { return json_reply(200, body); });
  EXPECT_EQ(run_verb({"workers", "reconstruct", "--wait", "100ms", "--server", platform.url()})->exit_status, 1);
  EXPECT_EQ(platform.requests().at(0).query_value("wait"), "100ms");
  EXPECT_EQ(run_verb({"workers", "list", "--server", platform.url()})->exit_status, 0);
  body = R"({"ok":true,"written":1,"items":[{"digest":"4c1f","safe":"ok","database":"missing","written":true}]})";
  const auto resync = run_verb({"catalog", "resync", "--server", platform.url()});
  EXPECT_EQ(resync->exit_status, 0);
  EXPECT_NE(resync->text.find("missing"), std::string::npos) << resync->text;
}

TEST(QueueDrain, AsksBeforeItMovesAndPassesWhatWasSaid) {
  FakePlatform platform([](const HttpRequest&) {
    return json_reply(200, R"({"records":3,"file":"evidence/rec-1/schedule.jsonl","moved":true,"partitions":[{"partition":0}]})");
  });
  EXPECT_EQ(run_verb({"queue", "drain", "schedule", "--server", platform.url()}).error().code, Code::usage);
  EXPECT_TRUE(platform.requests().empty());
  const auto answer =
      run_verb({"queue", "drain", "schedule", "--label", "rec-1", "--to", "7", "--force", "--yes", "--server", platform.url()});
  ASSERT_TRUE(answer) << answer.error().text();
  const auto body = parse_json(platform.requests().at(0).body);
  EXPECT_EQ(body->at("label").as_string(), "rec-1");
  EXPECT_EQ(body->at("to").as_string(), "7");
  EXPECT_TRUE(body->at("force").as_bool());
  EXPECT_EQ(run_verb({"queue", "drain", "schedule", "--to", "x", "--yes", "--server", platform.url()}).error().code, Code::usage);
}

TEST(Assets, AnExportWithAGapIsNoCleanResult) {
  std::string body = R"({"schema":"assets.changes/1","from":null,"to":null,"gaps":[{"partition":1}],"items":[]})"
                     "\n";
  FakePlatform platform([&](const HttpRequest&) { return json_reply(200, body); });
  const auto gap = run_verb({"assets", "export", "--from", "30m", "--json", "--server", platform.url()});
  ASSERT_TRUE(gap) << gap.error().text();
  EXPECT_EQ(gap->exit_status, 1);
  EXPECT_EQ(gap->data + "\n", body);
  EXPECT_EQ(platform.requests().at(0).query_value("from"), "30m");
  body = R"({"schema":"assets.changes/1","from":null,"to":null,"gaps":[],"items":[{"before":{"x":"\"gaps\":[{"}}]})"
         "\n";
  EXPECT_EQ(run_verb({"assets", "export", "--json", "--server", platform.url()})->exit_status, 0);
  EXPECT_EQ(run_verb({"assets", "export", "--format", "xml", "--server", platform.url()}).error().code, Code::usage);
}

}  // namespace
}  // namespace backstitch::cli
