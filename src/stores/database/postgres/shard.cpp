#include "stores/database/postgres/shard.h"

#include <algorithm>
#include <deque>

#include "base/assert.h"
#include "base/probe.h"
#include "stores/database/postgres/digests.h"
#include "stores/database/postgres/loads.h"
#include "stores/database/postgres/turn_lines.h"
#include "stores/database/postgres/turn_steps.h"

namespace backstitch::database {
namespace {

/// A turn is thousands of rows at the most; orders that are loaded may be millions, and a claim waits for whoever still commits.
constexpr std::int64_t turn_ms_max = 20'000, read_ms_max = 600'000;

class PostgresShard : public Shard {
 public:
  PostgresShard(Connection turns, Connection reads, std::string member)
      : turns_(std::move(turns)), reads_(std::move(reads)), member_(std::move(member)) {}

  Result<std::vector<Position>> claim(const std::vector<Partition>& partitions) override;
  Status send_turn(const TurnWrite& turn) override;
  Status await_turn() override;

  Result<std::vector<OrderKeyRow>> find_order_keys(const std::vector<OrderKeyRow>& wanted) override;
  Result<std::vector<StoredOrder>> load_open_orders(const std::vector<Partition>& partitions) override {
    auto ids = open_orders(reads_, partitions);
    if (!ids) return fail(std::move(ids.error()));
    return database::load_orders(reads_, std::move(*ids));
  }
  Result<std::vector<StoredOrder>> load_orders(const std::vector<OrderId>& ids) override {
    return database::load_orders(reads_, ids);
  }
  Result<std::vector<StoredAccount>> load_accounts(const std::vector<std::string>& account_ids) override {
    return database::load_accounts(reads_, account_ids);
  }
  Result<std::uint64_t> account_digest(const std::string& account_id) override {
    return database::account_digest(reads_, account_id);
  }
  Result<std::vector<SystemRow>> load_systems(const std::vector<Partition>& partitions) override;
  Result<std::vector<std::pair<std::uint64_t, std::string>>> unpublished(Partition partition, std::uint64_t after) override {
    return crm_of_turns(reads_, partition, after);
  }
  Result<std::vector<std::pair<std::uint64_t, std::string>>> turn_lines(Partition partition, std::uint64_t after,
                                                                        int limit) override {
    return lines_of_turns(reads_, partition, after, limit);
  }

 private:
  struct Sent {
    Statement statement;
    std::int64_t rows;
  };
  Connection turns_, reads_;
  const std::string member_;
  std::deque<std::vector<Sent>> in_flight_;
};

/// Locks in the order of partitions, as a turn does, so that an owner that gives way and one that comes cannot deadlock.
constexpr const char *claim_any =
                         "select p.partition from backstitch.position p where p.partition = any($1) order by 1 for update",
                     // Owners change before terms do: whoever has lost a partition cannot take it back by claiming it again.
    *claim_own =
        "select p.partition from backstitch.position p join backstitch.partition_owner w using (partition)"
        " where p.partition = any($1) and w.member = $2 order by 1 for update of p for share of w",
                     *claim_sql =
                         "with owned as ({}),"
                         " current as (select e.n, pg_logical_emit_message(true, 'backstitch', 'job') from backstitch.epoch e"
                         "  where e.one and e.open for share)"
                         " update backstitch.position p set term = p.term + 1, epoch = (select n from current)"
                         " from owned o where p.partition = o.partition and exists (select from current)"
                         " returning p.partition, p.epoch, p.term, p.turn, p.incoming, p.completer, p.published, "
                         "p.catalog_digest, p.decision_digest";

Result<std::vector<Position>> PostgresShard::claim(const std::vector<Partition>& partitions) {
  Parameters parameters;
  parameters.int4s(partitions, [](Partition partition) { return partition; });
  if (!member_.empty()) parameters.text(member_);
  const std::string sql = fmt::format(fmt::runtime(claim_sql), member_.empty() ? claim_any : claim_own);
  const auto rows = reads_.query(sql.c_str(), parameters);
  if (!rows) return fail(rows.error());
  if (rows->size() == 0 && !partitions.empty()) return fail(Code::fenced, "the epoch is closed, or there are no such partitions");
  if (static_cast<std::size_t>(rows->size()) != partitions.size() && !member_.empty())
    return fail(Code::fenced, "of {} partitions {} belong to {}", partitions.size(), rows->size(), member_);
  if (static_cast<std::size_t>(rows->size()) != partitions.size())
    return fail(Code::partition_unknown, "{} partitions claimed, {} are there", partitions.size(), rows->size());
  return positions_from(*rows);
}

Status PostgresShard::send_turn(const TurnWrite& turn) {
  BS_ASSERT(in_flight_.size() < 2, "at most two turns may be in flight");
  std::vector<Sent> sent;
  for (const Step& step : steps_of(turn)) {
    const StatementText& text = turn_statements()[static_cast<std::size_t>(step.statement)];
    BS_TRY(turns_.send(text.name, step.parameters));
    sent.push_back({step.statement, step.rows});
  }
  BS_TRY(turns_.flush());
  hit(Probe::before_commit);
  BS_TRY(turns_.sync());
  in_flight_.push_back(std::move(sent));
  return {};
}

Status PostgresShard::await_turn() {
  BS_ASSERT(!in_flight_.empty(), "no turn is in flight");
  const std::vector<Sent> sent = std::move(in_flight_.front());
  in_flight_.pop_front();
  const auto touched = turns_.await_sync();
  if (!touched) return fail(touched.error());
  BS_ASSERT(touched->size() == sent.size(), "one answer a statement");
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const StatementText& text = turn_statements()[static_cast<std::size_t>(sent[i].statement)];
    // Committed all the same: the engine holds a row that the database does not, so this process must not go on.
    if (text.exact && (*touched)[i] != sent[i].rows)
      return fail(Code::row_broken, "{} touched {} rows where the turn has {}", text.name, (*touched)[i], sent[i].rows);
  }
  return {};
}

Result<std::vector<OrderKeyRow>> PostgresShard::find_order_keys(const std::vector<OrderKeyRow>& wanted) {
  if (wanted.empty()) return std::vector<OrderKeyRow>{};
  Parameters parameters;
  parameters.texts(wanted, &OrderKeyRow::source)
      .texts(wanted, &OrderKeyRow::source_order_id)
      .int4s(wanted, &OrderKeyRow::version);
  const auto rows = reads_.query(
      "select k.source, k.source_order_id, k.version, k.order_id, k.salt"
      " from unnest($1::text[], $2::text[], $3::int[]) as u(source, source_order_id, version)"
      " join backstitch.order_key k using (source, source_order_id, version)",
      parameters);
  if (!rows) return fail(rows.error());
  std::vector<OrderKeyRow> found;
  for (int row = 0; row < rows->size(); ++row)
    found.push_back({rows->string(row, 0), rows->string(row, 1), rows->int4(row, 2), {rows->uuid(row, 3)}, rows->int4(row, 4)});
  return found;
}

Result<std::vector<SystemRow>> PostgresShard::load_systems(const std::vector<Partition>& partitions) {
  Parameters parameters;
  parameters.int4s(partitions, [](Partition partition) { return partition; });
  const auto rows = reads_.query(
      "select partition, system, up, changed_at from backstitch.system_state where partition = any($1) order by partition, "
      "system",
      parameters);
  if (!rows) return fail(rows.error());
  std::vector<SystemRow> systems;
  for (int row = 0; row < rows->size(); ++row)
    systems.push_back({rows->int4(row, 0), rows->string(row, 1), rows->boolean(row, 2), rows->time(row, 3)});
  return systems;
}

}  // namespace

Result<std::unique_ptr<Shard>> open_postgres_shard(const std::string& connection, const std::string& member) {
  auto turns = Connection::open(connection, turn_ms_max), reads = Connection::open(connection, read_ms_max);
  if (!turns) return fail(std::move(turns.error()));
  if (!reads) return fail(std::move(reads.error()));
  for (Connection* session : {&*turns, &*reads}) BS_TRY(session->execute(shard_session()));
  for (const StatementText& text : turn_statements()) BS_TRY(turns->prepare(text.name, text.sql));
  BS_TRY(turns->enter_pipeline());
  return std::make_unique<PostgresShard>(std::move(*turns), std::move(*reads), member);
}

}  // namespace backstitch::database
