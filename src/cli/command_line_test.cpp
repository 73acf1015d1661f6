#include "cli/command_line.h"

#include <gtest/gtest.h>

#include <set>

#include "cli/testing.h"
#include "recovery/registry/stores.h"

namespace backstitch::cli {
namespace {

/// Words of an example as a shell would make them, up to a redirection or a pipe.
std::vector<std::string> words_of(const std::string& example) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false, any = false;
  for (const char c : example + " ") {
    if (c == '"') {
      quoted = !quoted, any = true;
    } else if (!quoted && (c == '<' || c == '>' || c == '|')) {
      break;
    } else if (!quoted && c == ' ') {
      if (any) words.push_back(word);
      word.clear(), any = false;
    } else {
      word += c, any = true;
    }
  }
  return words;
}

TEST(CommandLine, EveryExampleParsesToItsOwnVerb) {
  for (const Verb& verb : all_verbs())
    for (const char* example : verb.examples) {
      const auto parsed = parse_command_line(words_of(example));
      ASSERT_TRUE(parsed) << example << ": " << parsed.error().text();
      ASSERT_NE(parsed->verb, nullptr) << example;
      EXPECT_EQ(parsed->verb->command(), verb.command()) << example;
    }
}

TEST(CommandLine, CommonFlagsStandBeforeAndAfterTheVerb) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--data", "/x", "--json", "order", "list", "--limit", "7"},
        std::vector<std::string>{"order", "list", "--limit", "7", "--data", "/x", "--json"},
        std::vector<std::string>{"order", "--json", "--data=/x", "list", "--limit=7"}}) {
    const auto parsed = parse_command_line(words);
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(parsed->invocation.data, "/x");
    EXPECT_TRUE(parsed->invocation.data_given);
    EXPECT_TRUE(parsed->invocation.json);
    EXPECT_EQ(parsed->invocation.limit, 7);
  }
}

TEST(CommandLine, OptionsAndArgumentsReachTheVerb) {
  const auto parsed = parse_command_line(
      {"item", "complete", "itm_1", "--reason", "by phone", "--set", "a=1", "--set", "b=2", "--wait", "5m", "--as", "ann"});
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->invocation.argument("ITEM"), "itm_1");
  EXPECT_EQ(parsed->invocation.option("--reason"), "by phone");
  EXPECT_EQ(parsed->invocation.options.at("--set"), (std::vector<std::string>{"a=1", "b=2"}));
  EXPECT_EQ(parsed->invocation.wait_ms, 300'000);
  EXPECT_EQ(parsed->invocation.actor, "ann");
  EXPECT_FALSE(parsed->invocation.data_given);
}

TEST(CommandLine, WrongWordsAreUsageErrorsWithTheNearestName) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{{{"ordr", "list"}, "did you mean \"order\""},
                                                                            {{"order", "lst"}, "did you mean \"list\""},
                                                                            {{"order"}, "needs one of: submit"},
                                                                            {{"order", "list", "--stat", "x"}, "--stat"},
                                                                            {{"order", "show"}, "ORDER"},
                                                                            {{"order", "list", "extra"}, "extra"},
                                                                            {{"order", "list", "--limit", "0"}, "--limit"},
                                                                            {{"order", "list", "--wait", "soon"}, "soon"}};
  for (const auto& [words, part] : wrong) {
    const auto parsed = parse_command_line(words);
    ASSERT_FALSE(parsed) << words.back();
    EXPECT_EQ(parsed.error().code, Code::usage);
    EXPECT_NE(parsed.error().detail.find(part), std::string::npos) << parsed.error().detail;
  }
}

TEST(CommandLine, VerbsAreKnownOnce) {
  std::set<std::string> commands;
  for (const Verb& verb : all_verbs()) {
    EXPECT_TRUE(commands.insert(verb.command()).second) << verb.command();
    EXPECT_TRUE(*verb.name == '\0' || !noun_summary(verb.noun).empty()) << verb.noun;
  }
}

TEST(CommandLine, TheRegistryNamesOnlyCommandsThatExist) {
  for (const recovery::StoreEntry& entry : recovery::all_stores()) {
    const auto parsed = parse_command_line(words_of(std::string(entry.command)));
    EXPECT_TRUE(parsed) << entry.command << ": " << (parsed ? "" : parsed.error().text());
  }
}

TEST(Program, EveryHelpEndsWithThreeExamples) {
  std::set<std::vector<std::string>> helps{{"--help"}};
  for (const Verb& verb : all_verbs()) {
    helps.insert({verb.noun, "--help"});
    if (*verb.name) helps.insert({verb.noun, verb.name, "--help"});
  }
  for (const auto& words : helps) {
    const Finished help = testing::run_program(words);
    EXPECT_EQ(help.exit_status, 0) << words.front();
    EXPECT_TRUE(help.err.empty()) << help.err;
    const auto at = help.out.rfind("Examples:\n");
    ASSERT_NE(at, std::string::npos) << words.front() << "\n" << help.out;
    std::string rest = help.out.substr(at + std::string_view("Examples:\n").size());
    while (!rest.empty() && rest.back() == '\n') rest.pop_back();
    int lines = 0;
    for (std::size_t from = 0; from != std::string::npos; ++lines) {
      EXPECT_EQ(rest.compare(from, 13, "  backstitch "), 0) << help.out;
      const auto end = rest.find('\n', from);
      from = end == std::string::npos ? end : end + 1;
    }
    EXPECT_EQ(lines, 3) << help.out;
  }
}

TEST(Program, ExitStatuses) {
  EXPECT_EQ(testing::run_program({"frobnicate"}).exit_status, 2);
  EXPECT_EQ(testing::run_program({"order", "frobnicate"}).exit_status, 2);
  EXPECT_EQ(testing::run_program({"order", "list", "--frobnicate"}).exit_status, 2);
  EXPECT_EQ(testing::run_program({"catalog", "validate", "/nowhere.json"}).exit_status, 2);
  EXPECT_EQ(testing::run_program({"order", "list", "--data", "/nowhere"}).exit_status, 5);
  EXPECT_EQ(testing::run_program({"queue", "list", "--data", "/nowhere"}).exit_status, 5);
  EXPECT_EQ(testing::run_program({"verify", "--data", "/nowhere"}).exit_status, 5);
  EXPECT_EQ(testing::run_program({"down", "--data", "/nowhere"}).exit_status, 5);
  EXPECT_EQ(testing::run_program({"stores", "--data", "/nowhere"}).exit_status, 0);
  for (const Verb& verb : all_verbs()) {
    if (verb.kind != Verb::Kind::later) continue;
    std::vector<std::string> words{verb.noun};
    if (*verb.name) words.emplace_back(verb.name);
    words.emplace_back("any-id");
    const Finished refused = testing::run_program(words);
    EXPECT_EQ(refused.exit_status, 3) << verb.command();
    EXPECT_NE(refused.err.find("BS-1009"), std::string::npos) << refused.err;
  }
}

TEST(Program, WrongUsageIsAJsonDocumentToo) {
  const Finished finished = testing::run_program({"order", "lst", "--json"});
  EXPECT_EQ(finished.exit_status, 2);
  EXPECT_TRUE(finished.out.starts_with("{\"ok\":false,\"error\":{")) << finished.out;
  EXPECT_TRUE(finished.err.empty()) << finished.err;
}

TEST(Program, HiddenVerbsAreNotListed) {
  EXPECT_EQ(testing::run_program({"--help"}).out.find("run the tasks of a lane"), std::string::npos);
}

}  // namespace
}  // namespace backstitch::cli
