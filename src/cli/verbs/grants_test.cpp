#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "base/testing.h"
#include "cli/testing.h"

namespace backstitch::cli {
namespace {

using testing::FakePlatform;
using testing::json_reply;
using testing::run_verb;

HttpResponse applied(const HttpRequest&) { return json_reply(200, R"({"id":"cmd_1","state":"applied"})"); }

TEST(GrantVerbs, GrantAndRevokeSendWhatWasSaid) {
  FakePlatform platform(applied);
  ASSERT_TRUE(run_verb(
      {"grants", "grant", "night", "inventory", "read", "--field", "serviceRecord", "--as", "ann", "--server", platform.url()}));
  ASSERT_TRUE(run_verb({"grants", "revoke", "night", "items", "fail", "--as", "ann", "--server", platform.url()}));
  const auto requests = platform.requests();
  EXPECT_EQ(requests.at(0).path, "/api/v1/grants/grant");
  EXPECT_EQ(requests.at(0).body,
            R"({"profile":"night","resource":"inventory","action":"read","field":"serviceRecord","actor":"ann"})");
  EXPECT_EQ(requests.at(1).path, "/api/v1/grants/revoke");
  EXPECT_EQ(requests.at(1).header("authorization"), "");
}

TEST(GrantVerbs, ReloadTellsWhatItDid) {
  FakePlatform platform([](const HttpRequest&) { return json_reply(200, R"({"users":2,"loaded":9,"removed":1})"); });
  const auto answer = run_verb({"grants", "reload", "--server", platform.url()});
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->text, "9 grants of 2 users loaded, 1 removed\n");
}

TEST(GrantVerbs, DryRunSendsNothingAndNoPasswordIsShown) {
  FakePlatform platform(applied);
  for (std::vector<std::string> words :
       {std::vector<std::string>{"grants", "revoke", "night", "items", "fail"}, std::vector<std::string>{"grants", "reload"},
        std::vector<std::string>{"user", "add", "ann", "--password-file", "nowhere"},
        std::vector<std::string>{"user", "assign", "ann", "night"}, std::vector<std::string>{"session", "end"}}) {
    words.insert(words.end(), {"--dry-run", "--server", platform.url()});
    const auto answer = run_verb(words);
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->schema, "dry-run/1");
  }
  EXPECT_TRUE(platform.requests().empty());
}

TEST(SessionVerbs, StartKeepsTheTokenForItsOwnerAndLaterVerbsShowIt) {
  FakePlatform platform([](const HttpRequest& request) {
    if (request.path == "/api/v1/sessions")
      return json_reply(201, R"({"token":"t0ken","user":"ann","expiresAt":"2026-11-27T12:00:00Z"})");
    return json_reply(200, R"({"items":[],"next":null})");
  });
  const backstitch::testing::ScratchFolder folder;
  ASSERT_TRUE(write_file_durably(folder / "password", "opensesame\n"));
  ASSERT_TRUE(write_file_durably(folder / "token", "an old one\n"));
  const auto started = run_verb({"session", "start", "ann", "--password-file", folder / "password", "--token-file",
                                 folder / "token", "--server", platform.url()});
  ASSERT_TRUE(started) << started.error().text();
  EXPECT_EQ(started->text.find("t0ken"), std::string::npos);
  EXPECT_EQ(started->data.find("t0ken"), std::string::npos);
  struct stat status{};
  ASSERT_EQ(::stat((folder / "token").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(platform.requests().at(0).body, R"({"user":"ann","password":"opensesame"})");
  EXPECT_EQ(platform.requests().at(0).header("authorization"), "") << "the old one is over";
  ASSERT_TRUE(run_verb({"user", "list", "--token-file", folder / "token", "--server", platform.url()}));
  EXPECT_EQ(platform.requests().at(1).header("authorization"), "Bearer t0ken");
  ASSERT_TRUE(run_verb({"session", "end", "--token-file", folder / "token", "--server", platform.url()}));
  EXPECT_EQ(platform.requests().at(2).method, "DELETE");
  EXPECT_FALSE(file_exists(folder / "token"));
  EXPECT_EQ(run_verb({"user", "list", "--token-file", folder / "token", "--server", platform.url()}).error().code, Code::usage);
}

TEST(SessionVerbs, WithATokenNobodyElseIsNamed) {
  FakePlatform platform(applied);
  ::setenv("BACKSTITCH_TOKEN", "t0ken", 1);
  const auto done = run_verb({"user", "assign", "bob", "night", "--server", platform.url()});
  ::unsetenv("BACKSTITCH_TOKEN");
  ASSERT_TRUE(done) << done.error().text();
  const HttpRequest request = platform.requests().at(0);
  EXPECT_EQ(request.header("authorization"), "Bearer t0ken");
  EXPECT_EQ(request.header("backstitch-actor"), "");
  EXPECT_EQ(request.body, R"({"profile":"night"})");
}

}  // namespace
}  // namespace backstitch::cli
