// The safe on a real S3: its contract, several processes, and what another client of the bucket sees and does.
#include "stores/safe/s3/s3_safe.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "contract/safe_contract.h"
#include "s3_house.h"
#include "stores/objects/s3/s3_bucket.h"

namespace backstitch::safe {
namespace {

using contract::records;
using contract::turns;

class S3SafeTest : public ::testing::TestWithParam<contract::SafeCase> {
 protected:
  servers::S3House& house = servers::S3House::get();
  objects::S3Settings settings = house.settings();
  std::unique_ptr<Safe> open(const S3LogLimits& limits = {}) {
    auto opened = open_s3_safe(settings, limits);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
    return opened ? std::move(*opened) : nullptr;
  }
  std::string path(const std::string& name) const { return "/" + settings.bucket + "/" + settings.prefix + "/" + name; }
  std::vector<std::string> keys(const std::string& prefix) const {
    return objects::S3Bucket(objects::checked(settings).value()).list(prefix).value().keys;
  }
};

TEST_P(S3SafeTest, KeepsThePromises) { EXPECT_EQ(GetParam().run(*open()), ""); }

INSTANTIATE_TEST_SUITE_P(Cases, S3SafeTest, ::testing::ValuesIn(contract::cases()),
                         [](const auto& with) { return with.param.name; });

/// Those of archives and turns, which come behind those of the epoch and of whole objects.
std::vector<contract::SafeCase> cases_of_logs() {
  auto cases = contract::cases();
  const auto first = std::find_if(cases.begin(), cases.end(),
                                  [](const auto& one) { return std::string_view(one.name) == "an_empty_archive_ends_at_one"; });
  EXPECT_NE(first, cases.end());
  return {first, cases.end()};
}

class S3SmallObjectsTest : public S3SafeTest {};

// Two lines in a put, three in an object.
TEST_P(S3SmallObjectsTest, KeepThePromises) { EXPECT_EQ(GetParam().run(*open({300, 200})), ""); }

INSTANTIATE_TEST_SUITE_P(Cases, S3SmallObjectsTest, ::testing::ValuesIn(cases_of_logs()),
                         [](const auto& with) { return with.param.name; });

TEST_F(S3SafeTest, EverythingOutlivesTheProcess) {
  {
    const auto safe = open();
    ASSERT_TRUE(safe->change_epoch({1, true, ""}, {2, false, "rec-1"}));
    ASSERT_TRUE(safe->archive("incoming", 7, records(1, 5)));
    ASSERT_TRUE(safe->mirror_turns(7, turns(1, 3)));
    ASSERT_TRUE(safe->put("catalogs/1", "x"));
  }
  const auto safe = open();
  EXPECT_EQ(safe->epoch().value(), (Epoch{2, false, "rec-1"}));
  contract::holds(*safe, "incoming", 7, 5);
  ASSERT_TRUE(safe->archive("incoming", 7, records(4, 8)));
  contract::holds(*safe, "incoming", 7, 8);
  EXPECT_EQ(safe->mirrored_turn(7).value(), 3u);
  EXPECT_EQ(safe->get("catalogs/1").value(), "x");
}

TEST_F(S3SafeTest, AnotherClientSeesTheNamesOfASafeOfFiles) {
  const auto safe = open();
  ASSERT_TRUE(safe->archive("incoming", 7, records(1, 2)));
  ASSERT_TRUE(safe->put("evidence/rec-1/a", "x"));
  EXPECT_EQ(keys(""), (std::vector<std::string>{"epoch", "evidence/rec-1/a", "incoming/p07/000000000001.seg"}));
  EXPECT_TRUE(house.curl(path("epoch")).starts_with(R"({"n":1,"open":true,"saga":"","write":")"));
  EXPECT_NE(house.curl(path("incoming/p07/000000000001.seg")).find("\tA-1\tincoming.submit/1\t"), std::string::npos);
}

TEST_F(S3SafeTest, WritersSideBySideLoseNothing) {
  constexpr queue::Offset last = 60;
  std::vector<std::thread> writers;
  std::atomic<int> failed{0};
  for (int i = 0; i < 3; ++i)
    writers.emplace_back([&, i] {
      const auto mine = open({1'000 + 200 * i, 400});  // each closes objects when it likes
      for (queue::Offset first = 1; first <= last; first += 4) {
        const queue::Offset end = mine->archived_end("incoming", 0).value_or(0);
        if (!mine->archive("incoming", 0, records(std::min(first, end), first + 3))) ++failed;
      }
    });
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(failed, 0);
  contract::holds(*open(), "incoming", 0, last);
  EXPECT_GT(keys("incoming/p00/").size(), 2u);
}

TEST_F(S3SafeTest, EveryPlaceIsFound) {
  const auto safe = open({1'000, 400});
  for (queue::Offset first = 1; first <= 60; first += 5) ASSERT_TRUE(safe->archive("completer", 3, records(first, first + 4)));
  ASSERT_GT(keys("completer/p03/").size(), 3u);
  settings.list_page = 2;
  for (const auto& reader : {open(), open({1'000, 400})})
    for (const queue::Offset from : {60, 1, 31, 7, 61}) {
      const auto found = contract::archived(*reader, "completer", 3, from);
      EXPECT_EQ(found.size(), 61 - from);
      for (std::size_t i = 0; i < found.size(); ++i) contract::require_same(found[i], contract::record(from + i));
    }
}

TEST_F(S3SafeTest, DamageIsNamed) {
  const auto safe = open({1, 1});
  ASSERT_TRUE(safe->archive("incoming", 7, records(1, 4)));
  const auto error = [&] {
    const auto read = open()->read_archive("incoming", 7, 1, [](const queue::Record&) { return true; });
    return read ? "" : code_text(read.error().code) + " " + read.error().detail;
  };
  const std::string name = "incoming/p07/000000000002.seg", whole = house.curl(path(name));
  for (std::string damaged : {whole.substr(0, whole.size() - 1), whole + "\n", std::string("x")}) {
    house.curl(path(name), {"-X", "PUT", "--data-binary", damaged});
    EXPECT_TRUE(error().starts_with("BS-4305 s3://house/" + settings.prefix + "/" + name)) << error();
  }
  house.curl(path(name), {"-X", "DELETE"});
  EXPECT_TRUE(error().starts_with("BS-4305 s3://house/" + settings.prefix + "/" + name)) << error();
  EXPECT_TRUE(error().ends_with("number 2 is lost")) << error();
}

TEST_F(S3SafeTest, ALostEpochDoesNotBeginAgain) {
  open();
  house.curl(path("epoch"), {"-X", "DELETE"});
  EXPECT_EQ(open()->epoch().value(), Epoch{}) << "nothing was archived";
  ASSERT_TRUE(open()->mirror_turns(0, turns(1, 1)));
  house.curl(path("epoch"), {"-X", "DELETE"});
  const auto opened = open_s3_safe(settings);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::safe_failed) << opened.error().text();
}

TEST_F(S3SafeTest, OfManyProcessesOneChangesTheEpoch) {
  open();
  for (std::uint64_t n = 1; n <= 5; ++n) {
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
      const pid_t child = ::fork();
      if (child == 0) {
        const auto safe = open_s3_safe(settings);
        ::_exit(safe && (*safe)->change_epoch({n, true, ""}, {n + 1, true, ""}) ? 0 : safe ? 1 : 2);
      }
      children.push_back(child);
    }
    int won = 0, lost = 0;
    for (const pid_t child : children) {
      int status = 0;
      ::waitpid(child, &status, 0);
      won += status == 0, lost += WIFEXITED(status) && WEXITSTATUS(status) == 1;
    }
    EXPECT_EQ(won, 1) << n;
    EXPECT_EQ(lost, 3) << n;
  }
  EXPECT_EQ(open()->epoch().value(), (Epoch{6, true, ""}));
}

TEST_F(S3SafeTest, ABucketThatDoesNotLookIsRefusedInWords) {
  settings.bucket = "versions";
  const auto opened = open_s3_safe(settings);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::store_unfit);
  EXPECT_NE(
      opened.error().detail.find("bucket versions: a second PUT with \"If-None-Match: *\" was taken; the bucket keeps versions"),
      std::string::npos)
      << opened.error().text();
}

}  // namespace
}  // namespace backstitch::safe
