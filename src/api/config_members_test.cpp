// Where a process is reached, and by whom.
#include <gtest/gtest.h>

#include "api/config.h"
#include "api/testing.h"

namespace backstitch {
namespace {

class ConfigMembersTest : public ConfigFixture {};

TEST_F(ConfigMembersTest, OnlyAPrivateNetworkReachesAPlatform) {
  const auto config = load("listen: {address: 10.77.0.11, private_network: true}\n");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->address, "10.77.0.11");
  EXPECT_EQ(faults_of("listen: {address: 10.77.0.11}\n").size(), 1u) << "that nobody else reaches it must be said";
  for (const char* address : {"8.8.8.8", "172.32.0.1", "0.0.0.0", "localhost", "::1"})
    EXPECT_EQ(faults_of(std::string("listen: {address: '") + address + "', private_network: true}\n").size(), 1u) << address;
  EXPECT_TRUE(load("listen: {address: 127.0.0.2}\n"));
}

TEST_F(ConfigMembersTest, APrivateDatabaseMayBeReachedByTheOtherProcesses) {
  const std::string kafka =
      "queue: {adapter: kafka, brokers: '10.0.0.1:9092'}\nlisten: {address: 10.0.0.2, private_network: true}\n";
  const auto config = load(kafka + "database: {listen: 10.0.0.2, password: 'env:WORD'}\nroles: [api, shard]\n");
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->may_be_several());
  EXPECT_EQ(faults_of(kafka + "database: {listen: 10.0.0.2}\n").size(), 1u);
  EXPECT_EQ(faults_of(kafka + "database: {listen: 10.0.0.2, password: hunter2}\n").size(), 1u);
  EXPECT_EQ(faults_of(kafka + "database: {listen: 10.0.0.3, password: 'env:WORD'}\n").size(), 1u);
  EXPECT_EQ(faults_of("listen: {address: 10.0.0.2, private_network: true}\ndatabase: {listen: 10.0.0.2, password: 'env:WORD'}\n")
                .size(),
            1u)
      << "an embedded log belongs to one process";
}

}  // namespace
}  // namespace backstitch
