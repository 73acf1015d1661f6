// Objects on a real S3: their contract, what is large, and what another client of the bucket sees and does.
#include "stores/objects/s3/s3_objects.h"

#include "base/hash.h"
#include "contract/objects_contract.h"
#include "s3_house.h"
#include "stores/objects/s3/s3_bucket.h"

namespace backstitch::objects {
namespace {

class S3ObjectsTest : public ::testing::TestWithParam<contract::ObjectsCase> {
 protected:
  servers::S3House& house = servers::S3House::get();
  S3Settings settings = house.settings();
  std::unique_ptr<Objects> open() {
    auto opened = open_s3_objects(settings);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
    return opened ? std::move(*opened) : nullptr;
  }
  std::string path(const std::string& name) const { return "/" + settings.bucket + "/" + settings.prefix + "/" + name; }
};

TEST_P(S3ObjectsTest, KeepThePromises) { EXPECT_EQ(GetParam().run(*open()), ""); }

INSTANTIATE_TEST_SUITE_P(Cases, S3ObjectsTest, ::testing::ValuesIn(contract::cases()),
                         [](const auto& with) { return with.param.name; });

TEST_F(S3ObjectsTest, AnotherClientSeesNamesThatSayWhatTheyAre) {
  ASSERT_TRUE(open()->put("catalog/9f3a=,+@:x", "content"));
  const std::string object = house.curl(path("catalog/9f3a%3D%2C%2B%40%3Ax"));
  EXPECT_TRUE(object.starts_with("backstitch.object/1 sha256=" + sha256_hex("content") + " bytes=7 put=")) << object;
  EXPECT_TRUE(object.ends_with("\ncontent")) << object;
  EXPECT_NE(house.curl("/house?list-type=2&prefix=of%2F").find("<Key>" + settings.prefix + "/catalog/9f3a=,+@:x</Key>"),
            std::string::npos);
}

TEST_F(S3ObjectsTest, OverTlsTheServerMustShowWhoItIs) {
  settings = house.tls_settings();
  const auto refused = [&](const std::string& why) {
    const auto begun = std::chrono::steady_clock::now();
    const auto opened = open_s3_objects(settings);
    ASSERT_FALSE(opened) << "it was trusted";
    const Error& error = opened.error();
    EXPECT_EQ(error.code, Code::config_invalid) << error.text();
    EXPECT_NE(error.detail.find(why), std::string::npos) << error.text();
    EXPECT_NE(error.detail.find("s3.ca_file"), std::string::npos) << "what to do: " << error.text();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(settings.timeout_ms / 2)) << "at once";
  };
  refused("certificate");  // its authority is unknown to the system
  settings.ca_file = house.ca_file();
  const auto objects = open();
  ASSERT_NE(objects, nullptr);
  const std::string large(100'000, 'x');
  ASSERT_TRUE(objects->put("a", large));
  EXPECT_EQ(objects->get("a").value(), large);
  EXPECT_TRUE(house.curl(path("a")).ends_with(large)) << "the same bucket";
  settings.endpoint = fmt::format("https://localhost:{}", house.server.port() + 9);
  refused("localhost");  // the certificate names 127.0.0.1
}

TEST_F(S3ObjectsTest, WhatAnotherClientChangedIsNotWhatWasPut) {
  const auto objects = open();
  ASSERT_TRUE(objects->put("a", "content"));
  const std::string object = house.curl(path("a"));
  for (const std::string& other :
       {object + "x", object.substr(1), std::string("x"), object.substr(0, object.size() - 7) + "kontent"}) {
    house.curl(path("a"), {"-X", "PUT", "--data-binary", other});
    const auto got = objects->get("a");
    ASSERT_FALSE(got) << other;
    EXPECT_EQ(got.error().code, Code::checksum_mismatch) << got.error().text();
  }
  house.curl(path("a"), {"-X", "PUT", "-H", "content-length: 0"});
  EXPECT_EQ(objects->get("a").error().code, Code::checksum_mismatch) << "an empty one";
  ASSERT_TRUE(objects->put("a", "whole again")) << "it can be replaced";
  EXPECT_EQ(objects->get("a").value(), "whole again");
}

TEST_F(S3ObjectsTest, NamesComeInPages) {
  const auto objects = open();
  std::vector<std::string> expected;
  for (int i = 100; i < 107; ++i) expected.push_back("list/" + std::to_string(i));
  for (const std::string& name : expected) ASSERT_TRUE(objects->put(name, name));
  for (const int page : {1, 2, 3, 7, 1'000}) {
    settings.list_page = page;
    S3Bucket bucket(checked(settings).value());
    EXPECT_EQ(bucket.list("list/").value().keys, expected) << page;
    EXPECT_EQ(bucket.list("list/", S3Bucket::Depth::all, "list/103").value().keys.size(), 3u) << page;
    EXPECT_EQ(bucket.list("", S3Bucket::Depth::one_level).value().folders, std::vector<std::string>{"list/"}) << page;
  }
}

TEST_F(S3ObjectsTest, WhatIsLargeGoesInParts) {
  settings.part_bytes = 5 << 20;
  const auto objects = open();
  std::string large(17 << 20, 'x');
  for (std::size_t at = 0; at < large.size(); at += 4'096) large.replace(at, 8, random_hex(4));
  ASSERT_TRUE(objects->put("export/1", "small"));
  const auto put = objects->put("export/1", large);
  ASSERT_TRUE(put) << put.error().text();
  EXPECT_TRUE(objects->get("export/1").value() == large);
  EXPECT_EQ(objects->list("export/").value(), std::vector{*put});
  const std::string head = house.curl(path("export/1"), {"-I"});
  EXPECT_NE(head.find("-4\""), std::string::npos) << "its ETag tells that it came in parts: " << head;
  ASSERT_TRUE(objects->put("export/1", "small again")) << "a single one replaces it";
  EXPECT_EQ(objects->get("export/1").value(), "small again");
  EXPECT_EQ(house.curl("/house?uploads=").find("<UploadId>"), std::string::npos) << "nothing was left behind";
}

TEST_F(S3ObjectsTest, AnUploadEndsOnce) {
  S3Bucket bucket(checked(settings).value());
  const std::string id = bucket.begin_parts("a").value();
  const std::string etag = bucket.put_part("a", id, 1, "first").value();
  EXPECT_EQ(bucket.end_parts("a", id, {etag}).value().put, S3Put::done);
  ASSERT_EQ(bucket.put("a", "second", {}).value().put, S3Put::done);
  EXPECT_NE(bucket.end_parts("a", id, {etag}).value().put, S3Put::done) << "however late";
  EXPECT_EQ(bucket.get("a").value()->body, "second");
  const std::string given_up = bucket.begin_parts("a").value();
  const std::string part = bucket.put_part("a", given_up, 1, "third").value();
  ASSERT_TRUE(bucket.give_up_parts("a", given_up));
  EXPECT_NE(bucket.end_parts("a", given_up, {part}).value().put, S3Put::done);
  EXPECT_EQ(bucket.get("a").value()->body, "second");
}

}  // namespace
}  // namespace backstitch::objects
