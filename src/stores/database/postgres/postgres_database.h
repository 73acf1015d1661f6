// The class behind database.h; its functions lie in database.cpp, order_reads.cpp, list_reads.cpp and verify.cpp.
#pragma once
#include <atomic>

#include "stores/database/port.h"
#include "stores/database/postgres/database.h"
#include "stores/database/postgres/pool.h"

namespace backstitch::database {

class PostgresDatabase : public Database {
 public:
  explicit PostgresDatabase(const PostgresSettings& settings)
      : settings_(settings), pool_(settings.connection, settings.connections_max) {}

  Status migrate() override;
  Result<std::unique_ptr<Shard>> open_shard() override;
  Status set_epoch(std::uint64_t n, bool open) override;
  Result<std::vector<Position>> positions() override;
  Status ensure_partitions(int count) override;

  Result<std::string> order(OrderId id) override;
  Result<std::vector<OrderHead>> find_orders(const std::vector<OrderKeyRow>& wanted) override;
  Result<std::string> orders(const ListFilter& filter) override;
  Result<std::string> order_events(OrderId id) override;
  Result<StoredOrder> stored_order(OrderId id) override;
  Result<std::string> attention(const ListFilter& filter) override;
  Result<std::string> command(CommandId id) override;
  Result<std::string> commands(const ListFilter& filter) override;
  Result<std::string> inventory(const ListFilter& filter) override;
  Result<std::string> assets(const ListFilter& filter) override;
  Result<std::string> systems() override;
  Result<std::string> counts() override;
  Result<std::vector<OrderId>> orders_changed(Time since) override;
  Result<std::vector<std::string>> accounts_with_changed_assets(Time since) override;
  Status account_digests(const std::function<void(const std::string&, std::uint64_t)>& each) override;
  Result<std::vector<Violation>> verify(const std::string& only) override;
  Result<AccessRows> access(const std::string& user) override;
  Status withdraw(const AccessRows& rows) override;

  Result<std::map<Partition, std::uint64_t>> crm_positions() override;
  Status store_crm_positions(const std::map<Partition, std::uint64_t>& positions) override;
  Result<std::vector<DesiredWorker>> desired_workers() override;
  Status store_desired_workers(const std::vector<DesiredWorker>& workers) override;
  Result<std::string> catalog_versions() override;
  Status store_catalog_version(const std::string& digest, std::int64_t index, const std::string& source, Time at,
                               const std::string& content) override;
  Result<std::string> catalog_content(const std::string& digest) override;

 private:
  /// One transaction: epoch and lease are checked in SQL and held until the commit, then `statements` run. Code::fenced.
  Status write(const std::function<Status(Connection&)>& statements);
  const PostgresSettings settings_;
  Pool pool_;
  std::atomic<std::uint64_t> epoch_{0};  // 0: not told yet, then only "open" is checked
};

}  // namespace backstitch::database
