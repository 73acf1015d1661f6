// For tests only: the stores a service stands on, in memory, with a hook where a test wants them to fail.
#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <memory>
#include <optional>

#include "base/json.h"
#include "base/testing.h"
#include "fold/catalog_library.h"
#include "services/shard/publisher.h"
#include "stores/database/strict_fake.h"
#include "stores/queue/forgetful_fake.h"
#include "stores/safe/strict_fake.h"

namespace backstitch::testing {

/// The strict fake, and a hook that is asked before each append: a code makes it fail without a trace. Set it while nobody
/// appends.
class HookedQueue : public queue::ForgetfulFake {
 public:
  using ForgetfulFake::ForgetfulFake;
  std::function<std::optional<Code>(const std::vector<queue::Append>&)> before_append;
  std::function<std::optional<Code>(const std::string& topic)> before_read;

  Result<std::vector<queue::Appended>> append(std::vector<queue::Append> batch) override {
    if (before_append)
      if (const auto code = before_append(batch)) return fail(*code, "as the test asked");
    return ForgetfulFake::append(std::move(batch));
  }
  Result<std::vector<queue::Record>> read(const std::string& topic, Partition partition, queue::Offset from,
                                          std::size_t records_max) override {
    if (before_read)
      if (const auto code = before_read(topic)) return fail(*code, "as the test asked");
    return ForgetfulFake::read(topic, partition, from, records_max);
  }
};

inline constexpr int partitions = 4;

/// All topics of a house with the lanes "default" and "slow".
inline void ensure_topics(queue::Queue& queue) {
  for (const char* topic : {"incoming", "completer", "order_orderitems"})
    ASSERT_TRUE(queue.ensure_topic(topic, {true, 7'200'000}));
  for (const char* topic : {"schedule", "tasks.default", "tasks.slow"})
    ASSERT_TRUE(queue.ensure_topic(topic, {false, 7'200'000}));
}

inline std::vector<queue::Record> all_records(queue::Queue& queue, const std::string& topic, const std::string& schema = "") {
  std::vector<queue::Record> out;
  for (Partition partition = 0; partition < partitions; ++partition) {
    const auto begin = queue.topic(topic)->partitions.at(static_cast<std::size_t>(partition)).begin;
    const auto records = queue.read(topic, partition, begin, 100'000);
    EXPECT_TRUE(records.has_value());
    for (const queue::Record& record : *records)
      if (schema.empty() || record.schema == schema) out.push_back(record);
  }
  return out;
}

inline boost::json::object object_of(const std::string& text) { return parse_json(text).value().as_object(); }
inline std::string text_of(const boost::json::object& object, const char* name) {
  return std::string(object.at(name).as_string());
}

/// A database of which services need little: everything not named here fails.
class FakeDatabase : public database::Database {
 public:
  explicit FakeDatabase(int count = partitions) : truth(count) {}

  database::FakeTruth truth;
  std::atomic<bool> reachable{true};
  std::map<Partition, std::uint64_t> stored_crm_positions() const {
    const std::lock_guard lock(mutex_);
    return crm_positions_;
  }
  std::function<Result<std::vector<database::Violation>>()> on_verify;

  Result<std::unique_ptr<database::Shard>> open_shard() override {
    if (!reachable) return none();
    return truth.open_shard();
  }
  Result<std::map<Partition, std::uint64_t>> crm_positions() override {
    if (!reachable) return none();
    return stored_crm_positions();
  }
  Status store_crm_positions(const std::map<Partition, std::uint64_t>& positions) override {
    if (!reachable) return none();
    const std::lock_guard lock(mutex_);
    for (const auto& [partition, position] : positions) crm_positions_[partition] = position;
    return {};
  }
  Result<std::vector<database::Violation>> verify(const std::string&) override {
    if (!on_verify) return none();
    return on_verify();
  }

  Status migrate() override { return none(); }
  Status set_epoch(std::uint64_t, bool) override { return none(); }
  Result<std::vector<database::Position>> positions() override {
    if (!reachable) return none();
    return truth.positions();
  }
  Status ensure_partitions(int) override { return none(); }
  Result<std::string> order(OrderId) override { return none(); }
  Result<std::vector<database::OrderHead>> find_orders(const std::vector<OrderKeyRow>&) override { return none(); }
  Result<std::string> orders(const database::ListFilter&) override { return none(); }
  Result<std::string> order_events(OrderId) override { return none(); }
  Result<database::StoredOrder> stored_order(OrderId) override { return none(); }
  Result<std::string> attention(const database::ListFilter&) override { return none(); }
  Result<std::string> command(CommandId) override { return none(); }
  Result<std::string> commands(const database::ListFilter&) override { return none(); }
  Result<std::string> inventory(const database::ListFilter&) override { return none(); }
  Result<std::string> assets(const database::ListFilter&) override { return none(); }
  Result<std::string> systems() override { return none(); }
  Result<std::vector<OrderId>> orders_changed(Time) override { return none(); }
  Result<std::vector<std::string>> accounts_with_changed_assets(Time) override { return none(); }
  Result<std::string> counts() override { return none(); }
  Status account_digests(const std::function<void(const std::string&, std::uint64_t)>&) override { return none(); }
  Result<database::AccessRows> access(const std::string& user) override {
    if (!reachable) return none();
    return truth.access(user);
  }
  Status withdraw(const database::AccessRows&) override { return none(); }
  Result<std::vector<DesiredWorker>> desired_workers() override { return none(); }
  Status store_desired_workers(const std::vector<DesiredWorker>&) override { return none(); }
  Result<std::string> catalog_versions() override { return none(); }
  Status store_catalog_version(const std::string&, std::int64_t, const std::string&, Time, const std::string&) override {
    return none();
  }
  Result<std::string> catalog_content(const std::string&) override { return none(); }

 private:
  static tl::unexpected<Error> none() { return fail(Code::database_unreachable, "not in this test"); }
  mutable std::mutex mutex_;
  std::map<Partition, std::uint64_t> crm_positions_;
};

}  // namespace backstitch::testing
