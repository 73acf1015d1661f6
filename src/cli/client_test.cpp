#include "cli/client.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/testing.h"
#include "cli/testing.h"

namespace backstitch::cli {
namespace {

using testing::FakePlatform;
using testing::json_reply;

TEST(Client, PathsAreEncodedAndEmptyParametersLeftOut) {
  EXPECT_EQ(with_query("/orders", {{"state", "In Progress"}, {"account", ""}, {"since", "2026-11-23T05:21:00+01:00"}}),
            "/orders?state=In%20Progress&since=2026-11-23T05%3A21%3A00%2B01%3A00");
  EXPECT_EQ(percent_encode("a/b?ü"), "a%2Fb%3F%C3%BC");
}

TEST(Client, PostsCarryAnOwnKeyAndTheActor) {
  FakePlatform platform([](const HttpRequest&) { return json_reply(202, "{}"); });
  auto client = Client::connect({.server = platform.url() + "/", .actor = "ann"});
  ASSERT_TRUE(client);
  ASSERT_TRUE(client->post("/orders", "{}"));
  ASSERT_TRUE(client->post("/orders", "{}"));
  const auto requests = platform.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].path, "/api/v1/orders");
  EXPECT_EQ(requests[0].header("backstitch-actor"), "ann");
  EXPECT_FALSE(requests[0].header("idempotency-key").empty());
  EXPECT_NE(requests[0].header("idempotency-key"), requests[1].header("idempotency-key"));
}

TEST(Client, AProblemIsItsError) {
  FakePlatform platform([](const HttpRequest&) { return problem_response({Code::order_not_found, "no 801A1", {}}); });
  auto client = Client::connect({.server = platform.url()});
  const auto order = client->get("/orders/801A1");
  ASSERT_FALSE(order);
  EXPECT_EQ(order.error().code, Code::order_not_found);
  EXPECT_EQ(order.error().detail, "no 801A1");
}

TEST(Client, NobodyAtTheAddressIsNotRunningOrUnreachable) {
  std::string url;
  {
    FakePlatform gone([](const HttpRequest&) { return json_reply(200, "{}"); });
    url = gone.url();
  }
  auto named = Client::connect({.server = url});
  EXPECT_EQ(named->get("/status").error().code, Code::unreachable);

  const backstitch::testing::ScratchFolder folder;
  ASSERT_TRUE(make_folders(folder / "run"));
  ASSERT_TRUE(write_file_durably(folder / "run/endpoints.json", "{\"api\":\"" + url + "\"}"));
  auto found = Client::connect({.data = folder.path()});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->get("/status").error().code, Code::not_running);
  EXPECT_EQ(Client::connect({.data = folder / "other"}).error().code, Code::not_running);
}

TEST(Client, ALostReplyIsTimedOutNotDone) {
  FakePlatform platform([](const HttpRequest&) { return HttpResponse{.drop_connection = true}; });
  auto client = Client::connect({.server = platform.url()});
  EXPECT_EQ(client->get("/status").error().code, Code::timed_out);
}

}  // namespace
}  // namespace backstitch::cli
