// The examples that AWS publishes with its signatures: those of S3's own page ("Authenticating Requests: Using the Authorization
// Header", sig-v4-header-based-auth), and the one of the general reference for another service. Its keys are no keys of anybody.
#include "base/net/sigv4.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace backstitch {
namespace {

const Time may_24 = parse_rfc3339("2013-05-24T00:00:00Z").value();
const Signer example{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"};

std::string signature(const std::string& method, const std::string& path, Pairs query, Pairs headers,
                      const std::string& body = {}) {
  headers.insert(headers.end(), {{"host", "examplebucket.s3.amazonaws.com"},
                                 {"x-amz-content-sha256", sha256_hex(body)},
                                 {"x-amz-date", "20130524T000000Z"}});
  return authorization(example, {method, path, std::move(query), std::move(headers), sha256_hex(body)}, may_24);
}

std::string expected(const std::string& headers, const std::string& signature) {
  return "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" + headers +
         ",Signature=" + signature;
}

TEST(SigV4, SignsAsThePublishedGetObject) {
  EXPECT_EQ(
      signature("GET", "/test.txt", {}, {{"range", "bytes=0-9"}}),
      expected("host;range;x-amz-content-sha256;x-amz-date", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
}

TEST(SigV4, SignsAsThePublishedPutObject) {
  const Pairs headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  EXPECT_EQ(signature("PUT", "/test%24file.text", {}, headers, "Welcome to Amazon S3."),
            expected("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(SigV4, SignsAsThePublishedBucketLifecycle) {
  EXPECT_EQ(signature("GET", "/", {{"lifecycle", ""}}, {}),
            expected("host;x-amz-content-sha256;x-amz-date", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
}

TEST(SigV4, SignsAsThePublishedList) {
  EXPECT_EQ(signature("GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}),
            expected("host;x-amz-content-sha256;x-amz-date", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(SigV4, SignsAsThePublishedListOfUsers) {
  const Signer signer{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "iam"};
  const Pairs headers = {{"x-amz-date", "20150830T123600Z"},
                         {"host", "iam.amazonaws.com"},
                         {"content-type", "  application/x-www-form-urlencoded; charset=utf-8 "}};
  const Signable request{"GET", "/", {{"Version", "2010-05-08"}, {"Action", "ListUsers"}}, headers, sha256_hex("")};
  const std::string found = authorization(signer, request, parse_rfc3339("2015-08-30T12:36:00Z").value());
  EXPECT_EQ(found.substr(found.size() - 64), "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(SigV4, AQueryIsSortedAsItIsSent) {
  EXPECT_EQ(signed_query({{"uploads", ""}}), "uploads=");
  EXPECT_EQ(signed_query({{"prefix", "a/b c"}, {"list-type", "2"}, {"continuation-token", "x+/="}}),
            "continuation-token=x%2B%2F%3D&list-type=2&prefix=a%2Fb%20c");
}

}  // namespace
}  // namespace backstitch
