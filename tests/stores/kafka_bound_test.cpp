// Which log of Kafka belongs to which data folder: two of one name, and a Kafka that was wiped. And who is let in at all.
#include "kafka_house.h"
#include "stores/queue/kafka/client.h"
#include "stores/safe/bind_log.h"
#include "stores/safe/files/files_safe.h"

namespace backstitch::queue {
namespace {

class KafkaBoundTest : public ::testing::Test {
 protected:
  void SetUp() override {
    house.begin_anew();
    asker = std::move(*kafka::Asker::open(house.settings));
  }
  /// As api/open_stores.cpp does for platform, recovery and verbs: the log of this data folder.
  std::string open(const std::string& data) {
    const auto safe = safe::open_files_safe(folder / data);
    if (!safe) return safe.error().text();
    KafkaSettings settings = house.settings;
    settings.log = safe::bound_log(**safe).value();
    const auto queue = open_kafka_queue(settings);
    if (!queue) return queue.error().text();
    if (const Status bound = safe::bind_log(**queue, **safe); !bound) return bound.error().text();
    contract::make_topics(**queue);
    contract::put_one(**queue, contract::plain(contract::durable, 0, data));
    return "opened";
  }
  std::vector<std::string> topics_there() {
    std::vector<std::string> names;
    const auto there = asker->topics().value();
    for (const auto& [name, partitions] : there)
      if (name.starts_with(house.settings.prefix + ".")) names.push_back(name);
    return names;
  }
  void wipe() {
    ASSERT_TRUE(asker->remove(topics_there()));
    ASSERT_TRUE(testing::wait_until([&] { return topics_there().empty(); }));
  }

  servers::KafkaHouse& house = servers::SharedKafka::house();
  const testing::ScratchFolder folder;
  std::unique_ptr<kafka::Asker> asker;
};

TEST_F(KafkaBoundTest, TwoDataFoldersOfOneNameDoNotShareALog) {
  ASSERT_EQ(open("a"), "opened");
  const std::string words = open("b");
  EXPECT_TRUE(words.starts_with("BS-4306")) << words;
  EXPECT_NE(words.find("belongs to the safe number"), std::string::npos) << words;
  EXPECT_EQ(open("a"), "opened");
  const std::string name = std::exchange(house.settings.prefix, house.settings.prefix + "-b");
  EXPECT_EQ(open("b"), "opened") << "its safe was not bound to the log that it was refused";
  house.settings.prefix = name;
  const std::string again = open("b");
  EXPECT_NE(again.find("is number"), std::string::npos) << again;
}

TEST_F(KafkaBoundTest, ALogThatIsGoneIsNotMadeAnewUnderAUsedSafe) {
  ASSERT_EQ(open("a"), "opened");
  wipe();
  const std::string words = open("a");
  EXPECT_TRUE(words.starts_with("BS-4111")) << words;
  EXPECT_NE(words.find("and none was made"), std::string::npos) << words;
  EXPECT_EQ(topics_there(), std::vector<std::string>()) << "nothing was made";
  ASSERT_EQ(open("c"), "opened") << "somebody begins anew there";
  const std::string other = open("a");
  EXPECT_TRUE(other.starts_with("BS-4306")) << other;
}

TEST_F(KafkaBoundTest, TheBrokerMustShowWhoItIsAndWeMust) {
  auto queue = house.open_with_topics(house.secure());
  contract::put_one(*queue, contract::plain(contract::durable, 0, "x"));
  const auto error = [&](auto change) {
    KafkaSettings settings = house.secure();
    settings.timeout_ms = 1'000;
    change(settings);
    const auto opened = open_kafka_queue(settings);
    return opened ? "opened" : opened.error().text();
  };
  const std::string wrong = error([](KafkaSettings& s) { s.password = "hunter2"; });
  EXPECT_TRUE(wrong.starts_with("BS-1002")) << wrong;
  EXPECT_EQ(wrong.find("hunter2"), std::string::npos);
  EXPECT_TRUE(error([](KafkaSettings& s) { s.ca_file.clear(); }).starts_with("BS-1002")) << "its authority is unknown";
  EXPECT_TRUE(error([](KafkaSettings& s) { s.ca_file += ".none"; }).starts_with("BS-1002"));
  EXPECT_TRUE(error([](KafkaSettings& s) { s.security = "plaintext"; }).starts_with("BS-1104"));
  EXPECT_TRUE(error([](KafkaSettings& s) { s.user.clear(); }).starts_with("BS-1002"));
}

}  // namespace
}  // namespace backstitch::queue
