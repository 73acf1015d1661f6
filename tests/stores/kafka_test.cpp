// The queue on a real Kafka: its contract, and what several processes and other clients of the broker do to it.
#include <thread>

#include "contract/queue_contract.h"
#include "kafka_house.h"
#include "stores/queue/kafka/client.h"
#include "stores/queue/kafka/faults.h"

namespace backstitch::queue {
namespace {

using contract::claiming;
using contract::durable;
using contract::ends;
using contract::fill;
using contract::fleeting;
using contract::plain;
using contract::put;
using contract::put_one;
using contract::values;

class KafkaTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house = &servers::SharedKafka::house(); }
  void SetUp() override {
    house->begin_anew();
    house->settings.tail_bytes_max = 512 * 1024;
  }
  std::unique_ptr<kafka::Asker> asker() { return std::move(*kafka::Asker::open(house->settings)); }
  static inline servers::KafkaHouse* house = nullptr;
};

std::string all(Queue& queue, const std::string& topic = durable, Partition partition = 0) {
  return values(contract::all(queue, topic, partition, ends(queue, topic, partition).begin));
}
std::string holders(Queue& queue, const std::string& claim) {
  return values(contract::value_of(queue.holders(durable, claim), "holders"));
}
Code code_of(const auto& result) { return result ? Code{} : result.error().code; }

// Most of a case is waiting for the broker: some at a time, each with a log of its own.
void run_cases(const std::vector<contract::QueueCase>& cases, const KafkaSettings& settings) {
  std::vector<std::string> wrong(cases.size());
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> running;
  for (int thread = 0; thread < 4; ++thread)
    running.emplace_back([&] {
      for (std::size_t i = next++; i < cases.size(); i = next++) {
        KafkaSettings own = settings;
        own.prefix += "-" + std::to_string(i);
        const auto queue = open_kafka_queue(own);
        wrong[i] = queue ? cases[i].run(**queue) : queue.error().text();
      }
    });
  for (std::thread& thread : running) thread.join();
  for (std::size_t i = 0; i < cases.size(); ++i) EXPECT_EQ(wrong[i], "") << cases[i].name;
}

TEST_F(KafkaTest, KeepsTheContract) { run_cases(contract::cases(), house->settings); }

std::vector<contract::QueueCase> cases_that_read() {
  static const std::set<std::string> wanted{
      "reading_goes_on_where_it_stopped", "a_record_comes_back_byte_for_byte",
      "before_the_beginning_is_refused",  "joining_is_always_accepted_and_lists_those_before",
      "holders_outlive_their_records",    "trim_moves_the_beginning",
      "a_log_opens_behind_a_position",    "a_trim_into_a_gap_ends_at_a_record"};
  std::vector<contract::QueueCase> out;
  for (const auto& one : contract::cases())
    if (wanted.contains(one.name)) out.push_back(one);
  return out;
}

// Every read goes to the broker: the memory keeps one record.
TEST_F(KafkaTest, KeepsTheContractFromTheBroker) {
  house->settings.tail_bytes_max = 0;
  run_cases(cases_that_read(), house->settings);
}

TEST_F(KafkaTest, AnotherClientSeesRecordsAsTheyAre) {
  auto queue = house->open_with_topics();
  put(*queue, {plain(durable, 1, "one"), plain(durable, 1, "two")});
  EXPECT_EQ(house->kcat({"-C", "-t", house->topic("incoming"), "-p", "1", "-o", "1", "-e", "-f", "%o %k %s\n"}),
            "1 account-1 one\n2 account-1 two");
  const std::string headers = house->kcat({"-C", "-t", house->topic("incoming"), "-p", "1", "-o", "1", "-c", "1", "-f", "%h"});
  EXPECT_TRUE(headers.starts_with(R"(bs-schema=incoming.submit/1,bs-headers={"bs-id":"1"},bs-batch=)")) << headers;
  const std::string listed = house->kcat({"-L"});
  for (const char* name : {"incoming", "tasks.default", "_decisions", "_claims", "_kept", "_meta"})
    EXPECT_NE(listed.find("topic \"" + house->topic(name) + "\""), std::string::npos) << name;
}

// What tools see is what we show, and nothing but that: a group's offset that somebody else commits changes nothing.
TEST_F(KafkaTest, AnotherClientSeesHowFarReadersHaveCome) {
  const auto as_the_tool_sees = [] {  // it reads from the group's offset on, and commits the end: a wrong one
    return house->kcat({"-G", house->topic("shard"), "-e", "-f", "%p %o %s\n", house->topic("incoming")});
  };
  const auto show = [](Queue& queue) { queue.show_positions("shard", durable, {{0, 4}, {1, 1}, {2, 1}, {3, 1}}); };
  auto queue = house->open_with_topics();
  fill(*queue, durable, 0, 5);
  show(*queue), queue.reset();
  EXPECT_EQ(as_the_tool_sees(), "0 4 3\n0 5 4");
  EXPECT_EQ(as_the_tool_sees(), "") << "the tool has committed the end";
  queue = house->open();
  EXPECT_EQ(all(*queue), "0,1,2,3,4,");
  EXPECT_EQ(ends(*queue, durable, 0).begin, 1u);
  show(*queue);
  queue.reset();
  EXPECT_EQ(as_the_tool_sees(), "0 4 3\n0 5 4") << "what stands in PostgreSQL is shown again";
}

TEST_F(KafkaTest, AnotherProcessSeesEverythingAndSoDoesTheNext) {
  auto first = house->open_with_topics();
  auto second = house->open();
  put(*first, {claiming(durable, "a", ClaimMode::first_only, "1"), plain(durable, 2, "2"), plain(fleeting, 3, "3")});
  put_one(*first, claiming(durable, "a", ClaimMode::join, "4"));
  EXPECT_EQ(holders(*second, "a"), "1,4,");
  EXPECT_FALSE(put_one(*second, claiming(durable, "a", ClaimMode::first_only, "5", 3)).accepted());
  contract::done(first->trim(durable, 0, 2), "trim");
  first.reset(), second.reset();
  const auto third = house->open();
  EXPECT_EQ(all(*third), "4,");
  EXPECT_EQ(all(*third, durable, 2), "2,");
  EXPECT_EQ(all(*third, fleeting, 3), "3,");
  EXPECT_EQ(holders(*third, "a"), "1,4,");
  EXPECT_EQ(ends(*third, durable, 0).begin, 2u);
  EXPECT_EQ(third->topic(durable)->retention_ms, 60'000);
  EXPECT_EQ(put_one(*third, plain(durable, 0, "6")).offset, 3u);
}

TEST_F(KafkaTest, OfManyProcessesOneGetsTheClaimAndAllAgreeWhich) {
  std::vector<std::unique_ptr<Queue>> queues;
  for (int i = 0; i < 3; ++i) queues.push_back(house->open_with_topics());
  constexpr int rounds = 40;
  std::vector<std::atomic<int>> accepted(rounds);
  std::vector<std::thread> running;
  for (int i = 0; i < 3; ++i)
    running.emplace_back([&, i] {
      for (int round = 0; round < rounds; ++round) {
        const auto name = std::to_string(round), mine = std::to_string(i);
        const auto answer = queues[static_cast<std::size_t>(i)]->append(
            {claiming(durable, name, ClaimMode::first_only, mine, i), plain(durable, 3, name + ":" + mine)});
        ASSERT_TRUE(answer) << answer.error().text();
        accepted[static_cast<std::size_t>(round)] += answer->front().accepted() ? 1 : 0;
        EXPECT_EQ(answer->front().holders.size(), answer->front().accepted() ? 0u : 1u);
      }
    });
  for (auto& thread : running) thread.join();
  queues.push_back(house->open());
  for (int round = 0; round < rounds; ++round) {
    EXPECT_EQ(accepted[static_cast<std::size_t>(round)], 1) << round;
    const std::string first = holders(*queues[0], std::to_string(round));
    EXPECT_EQ(first.size(), 2u);
    for (const auto& queue : queues) EXPECT_EQ(holders(*queue, std::to_string(round)), first);
  }
  for (Partition partition = 0; partition < 4; ++partition)
    for (const auto& queue : queues) EXPECT_EQ(all(*queue, durable, partition), all(*queues[3], durable, partition));
}

TEST_F(KafkaTest, ABatchWhoseWriterDiedCountsAsNeverWritten) {
  auto queue = house->open_with_topics();
  house->plant("incoming", 0, "half of a batch", {"bs-schema=x/1", "bs-batch=6:member 99 1 0 "});
  put_one(*queue, plain(durable, 0, "behind it"));
  EXPECT_EQ(all(*queue), "behind it,");  // from where one stands who has read nothing yet
  EXPECT_EQ(ends(*queue, durable, 0).lost, (std::vector<std::pair<Offset, Offset>>{{1, 2}}));
  put_one(*queue, plain(durable, 1, "x"));
  house->plant("incoming", 1, "half of a batch", {"bs-schema=x/1", "bs-batch=6:member 99 1 1 "});
  put_one(*queue, plain(durable, 1, "y"));
  EXPECT_EQ(ends(*queue, durable, 1).lost, (std::vector<std::pair<Offset, Offset>>{{2, 3}}));
  EXPECT_TRUE(lost_tails(*queue, durable, ends(*queue, durable, 1)).empty()) << "nobody has lost what never counted";
  EXPECT_EQ(all(*house->open(), durable, 1), "x,y,");
}

TEST_F(KafkaTest, WhatNobodyOfUsWroteIsPassedOver) {
  auto queue = house->open_with_topics();
  house->plant("incoming", 0, "hello");
  EXPECT_EQ(put_one(*queue, plain(durable, 0, "x")).offset, 2u);
  EXPECT_EQ(all(*queue), "x,");
}

TEST_F(KafkaTest, AHoldBindsEveryProcess) {
  auto first = house->open_with_topics();
  auto second = house->open();
  fill(*first, durable, 0, 3);
  const Time late = contract::all(*first, durable, 0).back().appended.plus_ms(1'000'000);
  first->hold_retention(true);
  EXPECT_EQ(second->expire(late), 0u);
  EXPECT_TRUE(second->trim(durable, 0, 3));
  first.reset();
  EXPECT_EQ(house->open()->expire(late), 0u) << "a hold outlives who asked for it";
  second->hold_retention(false);
  EXPECT_EQ(house->open()->expire(late), 3u);
  EXPECT_TRUE(testing::wait_until([&] { return ends(*second, durable, 0).begin == 4; })) << "what others removed is seen";
  EXPECT_EQ(code_of(second->read(durable, 0, 1, 1)), Code::offset_expired);
}

TEST_F(KafkaTest, NothingGoesThatSomebodyHasNotRead) {
  auto queue = house->open_with_topics();
  fill(*queue, durable, 0, 5);
  const Time late = contract::all(*queue, durable, 0).back().appended.plus_ms(1'000'000);
  EXPECT_EQ(queue->expire(late, [](const std::string&, Partition) { return Offset{3}; }), 2u);
  EXPECT_EQ(all(*queue), "2,3,4,");
}

TEST_F(KafkaTest, DecisionsGoWithWhatTheyWereAbout) {
  auto queue = house->open_with_topics();
  for (int i = 0; i < 5; ++i) put_one(*queue, claiming(durable, std::to_string(i), ClaimMode::first_only, std::to_string(i)));
  const Time late = contract::all(*queue, durable, 0).back().appended.plus_ms(1'000'000);
  EXPECT_EQ(queue->expire(late), 5u);
  EXPECT_EQ(asker()->offset(house->topic("_decisions"), 0, kafka::Asker::earliest).value(), 5u);
  put_one(*queue, claiming(durable, "5", ClaimMode::first_only, "5"));
  const auto next = house->open();
  for (int i = 0; i < 6; ++i) EXPECT_EQ(holders(*next, std::to_string(i)), std::to_string(i) + ",");
  EXPECT_FALSE(put_one(*next, claiming(durable, "3", ClaimMode::first_only, "x")).accepted());
}

TEST_F(KafkaTest, AProducerThatFailedForGoodIsReplaced) {
  auto queue = house->open_with_topics();
  put_one(*queue, plain(durable, 0, "one"));
  kafka::fail_producer_for_good(*queue);
  put(*queue, {plain(durable, 0, "two"), claiming(durable, "c", ClaimMode::first_only, "three", 1)});
  kafka::fail_producer_for_good(*queue);
  put_one(*queue, plain(durable, 0, "four"));
  EXPECT_EQ(all(*queue), "one,two,four,");
  EXPECT_EQ(holders(*queue, "c"), "three,");
}

// librdkafka tells nobody that a topic is another one.
TEST_F(KafkaTest, ATopicThatWasMadeAgainIsNotOurs) {
  auto queue = house->open_with_topics();
  fill(*queue, durable, 0, 3);
  fill(*queue, fleeting, 0, 2);
  const Time late = contract::all(*queue, fleeting, 0).back().appended.plus_ms(1'000'000);
  ASSERT_TRUE(asker()->remove({house->topic("incoming")}));
  ASSERT_TRUE(testing::wait_until([&] { return asker()->create({{house->topic("incoming"), 4, {}}}).value().size() == 1; }));
  ASSERT_TRUE(testing::wait_until([&] { return code_of(queue->read(durable, 0, 1, 1)) == Code::topic_replaced; }, 30'000));
  EXPECT_EQ(code_of(queue->append({plain(durable, 0, "x")})), Code::topic_replaced);
  EXPECT_EQ(code_of(queue->ensure_topic(durable, {true, 1})), Code::topic_replaced);
  EXPECT_EQ(queue->expire(late), 2u) << "it holds up none of the others";
  const auto next = house->open();
  EXPECT_EQ(code_of(next->topic(durable)), Code::topic_replaced);
  EXPECT_EQ(put_one(*next, plain(fleeting, 0, "y")).offset, 3u);
}

TEST_F(KafkaTest, ATopicThatWasMadeAgainAndHasGrownIsNotOursEither) {
  auto queue = house->open_with_topics();
  fill(*queue, durable, 0, 1);
  ASSERT_TRUE(asker()->remove({house->topic("incoming")}));
  ASSERT_TRUE(testing::wait_until([&] { return asker()->create({{house->topic("incoming"), 4, {}}}).value().size() == 1; }));
  for (int i = 0; i < 3; ++i) house->plant("incoming", 0, "x", {"bs-schema=x/1", "bs-batch=5:alone 99 1 0 "});
  EXPECT_TRUE(testing::wait_until([&] { return code_of(queue->topic(durable)) == Code::topic_replaced; }, 30'000));
}

TEST_F(KafkaTest, ATopicThatWasDeletedIsNotMadeAgain) {
  house->open_with_topics();
  ASSERT_TRUE(asker()->remove({house->topic("incoming")}));
  ASSERT_TRUE(testing::wait_until([&] { return !asker()->topics()->contains(house->topic("incoming")); }));
  const auto next = house->open();
  EXPECT_EQ(code_of(next->ensure_topic(durable, {true, 1})), Code::topic_replaced);
  EXPECT_FALSE(asker()->topics()->contains(house->topic("incoming")));
  ASSERT_TRUE(asker()->remove({house->topic("_meta")}));
  ASSERT_TRUE(testing::wait_until([&] { return !asker()->topics()->contains(house->topic("_meta")); }));
  EXPECT_EQ(code_of(open_kafka_queue(house->settings)), Code::topic_replaced) << "records without the page that says whose";
}

TEST_F(KafkaTest, SettingsThatCannotBeAreRefused) {
  const auto code = [&](auto change) {
    KafkaSettings settings = house->settings;
    change(settings);
    return code_of(open_kafka_queue(settings));
  };
  house->open();
  EXPECT_EQ(code([](KafkaSettings& s) { s.prefix += ".b"; }), Code::config_invalid);
  EXPECT_EQ(code([](KafkaSettings& s) { s.prefix = ""; }), Code::config_invalid);
  EXPECT_EQ(code([](KafkaSettings& s) { s.partitions = 8; }), Code::config_invalid);
  EXPECT_EQ(code([](KafkaSettings& s) { s.security = "scram"; }), Code::config_invalid);
  EXPECT_EQ(code([](KafkaSettings& s) { s.prefix = "other", s.replicas = 3; }), Code::config_invalid) << "there is one broker";
  EXPECT_EQ(code([](KafkaSettings& s) { s.brokers = "127.0.0.1:1", s.timeout_ms = 1'000; }), Code::unreachable);
}

TEST_F(KafkaTest, WhatCanLoseRecordsIsSaid) {
  house->open_with_topics();
  const auto warnings = kafka_warnings(house->settings);
  ASSERT_TRUE(warnings) << warnings.error().text();
  EXPECT_EQ(warnings->size(), 6u) << "one copy, and no flush";
  EXPECT_NE(warnings->front().find("one copy and flush.messages is 9223372036854775807"), std::string::npos) << warnings->front();
  house->settings.prefix = "w";
  ASSERT_TRUE(asker()->create({{"w.x",
                                1,
                                {{"flush.messages", "1"},
                                 {"unclean.leader.election.enable", "true"},
                                 {"retention.ms", "1000000"},
                                 {"message.timestamp.type", "LogAppendTime"}}}}));
  ASSERT_TRUE(asker()->await_topics({"w.x"}));
  const auto others = kafka_warnings(house->settings).value();
  ASSERT_EQ(others.size(), 2u);
  EXPECT_NE(others[0].find("unclean.leader.election.enable=true"), std::string::npos);
  EXPECT_NE(others[1].find("retention.ms=1000000"), std::string::npos);
}

}  // namespace
}  // namespace backstitch::queue
