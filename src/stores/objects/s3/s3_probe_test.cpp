// Which buckets are refused, and that a put of which nothing is known is looked up. On real servers: tests/stores/s3_*_test.cpp.
#include "stores/objects/s3/s3_probe.h"

#include <gtest/gtest.h>

#include "stores/objects/s3/fake_s3_testing.h"
#include "stores/objects/s3/s3_store.h"

namespace backstitch::objects {
namespace {

std::string proved(const FakeS3::Habits& habits) {
  FakeS3 fake(habits);
  S3Bucket bucket(fake.settings());
  const Status done = prove_conditions(bucket);
  EXPECT_TRUE(bucket.list("").value().keys.empty()) << "it left something";
  return done ? "fit" : code_text(done.error().code) + " " + done.error().detail;
}
bool says(const std::string& error, const std::string& words) {
  return error.starts_with("BS-4306") && error.find(words) != std::string::npos;
}

TEST(S3Probe, ABucketThatLooksIsFit) {
  EXPECT_EQ(proved({}), "fit");
  EXPECT_EQ(proved({.keeps_versions = true}), "fit") << "whether it looks is what counts";
}

TEST(S3Probe, FindsOutHowAnEtagIsWanted) {
  for (const bool bare : {false, true}) {
    FakeS3 fake({.wants_quotes = !bare, .wants_bare = bare});
    S3Store store(fake.settings());
    ASSERT_TRUE(prove_conditions(store.bucket()));
    ASSERT_TRUE(store.put("a", "1"));
    ASSERT_TRUE(store.put("a", "2"));
    EXPECT_EQ(store.get("a").value(), "2");
  }
}

TEST(S3Probe, SaysWhatABucketLacks) {
  EXPECT_TRUE(says(proved({.looks_at_new = false}), "a second PUT with \"If-None-Match: *\" was taken. Of two"));
  EXPECT_TRUE(says(proved({.looks_at_new = false, .keeps_versions = true}), "was taken; the bucket keeps versions"));
  EXPECT_TRUE(says(proved({.looks_at_etags = false}), "the ETag of something older was taken"));
  EXPECT_TRUE(says(proved({.wants_quotes = false}), "the right ETag is refused"));
  EXPECT_TRUE(says(proved({.status_of_conditions = 501}), "NotImplemented"));
  EXPECT_TRUE(says(proved({.status_of_conditions = 412}), "a PUT of a new name"));
}

struct S3StoreTest : ::testing::TestWithParam<bool> {
  FakeS3 fake{{}};
  S3Store store{fake.settings()};
};

TEST_P(S3StoreTest, AServersErrorIsNeitherDoneNorNot) {
  const bool was_done = GetParam();
  fake.fail_puts("a", 1, 500, was_done);
  EXPECT_TRUE(store.put_new("a", "1").value()) << "it is ours, though the name is taken now";
  EXPECT_FALSE(store.put_new("a", "1").value());
  fake.fail_puts("a", 2, 503, was_done);
  ASSERT_TRUE(store.put("a", "2"));
  EXPECT_EQ(store.get("a").value(), "2");
}

TEST_P(S3StoreTest, WhatStaysUnknownIsSaid) {
  ASSERT_TRUE(store.put("a", "1"));
  fake.fail_puts("a", 1'000, 500, false);
  const auto put = store.put("a", "2");
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Code::unreachable) << put.error().text();
  EXPECT_NE(put.error().detail.find("whether it was put is unknown"), std::string::npos);
  EXPECT_EQ(store.get("a").value(), "1");
}

INSTANTIATE_TEST_SUITE_P(Was, S3StoreTest, ::testing::Bool(), [](const auto& with) { return with.param ? "Done" : "NotDone"; });

TEST(S3Settings, AreChecked) {
  FakeS3 fake({});
  const S3Settings good = fake.settings();
  EXPECT_TRUE(checked(good));
  const auto refused = [&](auto change) {
    S3Settings other = good;
    change(other);
    const auto done = checked(other);
    return !done && done.error().code == Code::config_invalid && done.error().detail.find("hunter2") == std::string::npos;
  };
  for (const char* endpoint : {"", "127.0.0.1:1", "ftp://a", "http://", "http://a/b", "http://u:hunter2@a", "http://a?b"})
    EXPECT_TRUE(refused([&](S3Settings& settings) { settings.endpoint = endpoint; })) << endpoint;
  for (const char* bucket : {"", "ab", "a/b", "Upper", "a b"})
    EXPECT_TRUE(refused([&](S3Settings& settings) { settings.bucket = bucket; })) << bucket;
  EXPECT_TRUE(refused([](S3Settings& settings) { settings.prefix = "a/../b"; }));
  EXPECT_TRUE(refused([](S3Settings& settings) { settings.secret_key.clear(); }));
  EXPECT_TRUE(refused([](S3Settings& settings) { settings.ca_file = "/none.pem"; }));
  S3Settings loose = good;
  loose.endpoint = "https://s3.example:443/", loose.prefix = "/a/b/";
  EXPECT_EQ(checked(loose)->endpoint, "https://s3.example");
  EXPECT_EQ(checked(loose)->prefix, "a/b");
}

}  // namespace
}  // namespace backstitch::objects
