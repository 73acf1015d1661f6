#include "demo/stores.h"

#include <gtest/gtest.h>

namespace backstitch::demo {
namespace {

std::string refusal_of(const std::string& list) {
  const auto names = parse_stores(list);
  return names ? "taken" : names.error().text();
}

TEST(ParseStores, TakesWhatCanStandBesideEachOther) {
  EXPECT_EQ(parse_stores("").value(), std::vector<std::string>{});
  EXPECT_EQ(parse_stores("kafka,riak,s3,salesforce,kube").value(),
            (std::vector<std::string>{"kafka", "riak", "s3", "salesforce", "kube"}));
}

TEST(ParseStores, RefusesInWords) {
  EXPECT_NE(refusal_of("kafka,disk").find("disk: none of kafka, redis, riak, s3, salesforce, kube"), std::string::npos);
  EXPECT_NE(refusal_of(",kafka").find("none of"), std::string::npos);
  EXPECT_NE(refusal_of("salesforce,salesforce").find("twice"), std::string::npos);
  EXPECT_NE(refusal_of("redis,s3,riak").find("redis and riak have one place"), std::string::npos);
}

TEST(ParseStores, WhoCanBeKilledIsAServerOfItsOwn) {
  EXPECT_EQ(victims_of({"riak", "salesforce", "kube"}), (std::vector{Victim::cache, Victim::orchestrator}));
}

}  // namespace
}  // namespace backstitch::demo
