// Synthetic orders through the database role: what a turn and an order cost, everything in PostgreSQL included.
//   database_bench [ORDERS] [ORDERS PER TURN] [SHARDS]
// An order is 7 turns (samples.h): one that makes it, one for each of its six answers. fsync on, private cluster.
#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "base/files.h"
#include "base/process.h"
#include "base/time.h"
#include "stores/database/postgres/connection.h"
#include "stores/database/private/scratch_cluster.h"
#include "stores/database/testing/samples.h"

using namespace backstitch;
using namespace backstitch::database;

namespace {

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n", result.error().text());
  std::exit(1);
}
void must(const Status& status) {
  if (status) return;
  fmt::print(stderr, "{}\n", status.error().text());
  std::exit(1);
}

double own_cpu_ms() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

/// CPU of the server's processes that live, in ms: user + system of each process that works in the data folder.
double server_cpu_ms(const std::string& folder) {
  double sum = 0;
  for (const std::string& name : list_folder("/proc")) {
    const int pid = std::atoi(name.c_str());
    char cwd[4096];
    const ssize_t length = pid > 0 ? ::readlink(("/proc/" + name + "/cwd").c_str(), cwd, sizeof cwd) : -1;
    if (length > 0 && std::string_view(cwd, static_cast<std::size_t>(length)) == folder)
      if (const auto id = identify(pid)) sum += static_cast<double>(cpu_ms(*id));
  }
  return sum;
}

/// One shard drives its orders: batch after batch, two turns in flight, rows as the engine would make them.
int drive(Shard& shard, Position position, int shard_number, int orders, int per_turn) {
  int turns = 0, in_flight = 0;
  for (int first = 0; first < orders; first += per_turn) {
    std::vector<samples::Sample> batch;
    for (int n = first; n < std::min(orders, first + per_turn); ++n)
      batch.push_back(samples::make_sample(shard_number * 10'000'000 + n, "A-" + std::to_string(n % 1000)));
    for (int step = 0; step < 7; ++step) {
      TurnWrite turn;
      const Time now = samples::at(turns);
      const auto count = static_cast<std::uint64_t>(batch.size());
      turn.partitions.push_back(samples::next_turn(position, step == 0 ? count : 0, step == 0 ? 0 : 2 * count, now));
      turn.partitions[0].crm = std::string(200 * batch.size(), 'c');
      for (const samples::Sample& sample : batch) {
        if (step == 0)
          samples::append_new(turn.rows, sample, position.partition, position.turn, now);
        else
          samples::append_answer(turn.rows, sample, position.partition, position.turn, static_cast<std::size_t>(step - 1), now);
      }
      for (EventRow& event : turn.rows.events) event.data.append(300, 'e');  // about what an event of the engine weighs
      if (in_flight == 2) {
        must(shard.await_turn());
        --in_flight;
      }
      must(shard.send_turn(turn));
      ++in_flight;
      ++turns;
    }
  }
  while (in_flight-- > 0) must(shard.await_turn());
  return turns;
}

}  // namespace

int main(int count, char** arguments) {
  const int orders = count > 1 ? std::atoi(arguments[1]) : 20'000;
  const int per_turn = count > 2 ? std::atoi(arguments[2]) : 64;
  const int shards = count > 3 ? std::atoi(arguments[3]) : 1;
  auto scratch = must(ScratchCluster::make(true));
  auto database = must(scratch->fresh(64));
  auto inspector = must(Connection::open(scratch->cluster().connection()));
  std::vector<std::unique_ptr<Shard>> open;
  std::vector<Position> positions;
  for (int n = 0; n < shards; ++n) {
    open.push_back(must(database->open_shard()));
    positions.push_back(must(open.back()->claim({n})).front());
  }
  must(inspector.execute("checkpoint"));
  const auto wal_begin = must(inspector.query("select pg_current_wal_lsn()::text")).string(0, 0);
  const std::string folder = scratch->cluster().folder();
  const double own_begin = own_cpu_ms(), server_begin = server_cpu_ms(folder);
  const std::int64_t begin_ms = monotonic_ms();
  std::vector<std::thread> threads;
  std::vector<int> turns(static_cast<std::size_t>(shards));
  for (int n = 0; n < shards; ++n)
    threads.emplace_back([&, n] {
      const auto i = static_cast<std::size_t>(n);
      turns[i] = drive(*open[i], positions[i], n, orders / shards, per_turn);
    });
  for (std::thread& thread : threads) thread.join();
  const double ms = static_cast<double>(monotonic_ms() - begin_ms);
  const double own = own_cpu_ms() - own_begin, server = server_cpu_ms(folder) - server_begin;
  int all_turns = 0;
  for (int n : turns) all_turns += n;
  Parameters begin;
  begin.text(wal_begin);
  const auto sizes =
      must(inspector.query("select pg_wal_lsn_diff(pg_current_wal_lsn(), $1::text::pg_lsn)::bigint,"
                           " (select sum(pg_total_relation_size(c.oid))::bigint from pg_class c where c.relnamespace = "
                           "'backstitch'::regnamespace and c.relkind = 'r')",
                           begin));
  fmt::print("orders {}  orders/turn {}  shards {}\n", orders, per_turn, shards);
  fmt::print("{:.0f} orders/s  {:.0f} turns/s\n", orders / ms * 1e3, all_turns / ms * 1e3);
  fmt::print("CPU ms/order: {:.3f}  (postgres {:.3f}, client {:.3f})\n", (own + server) / orders, server / orders, own / orders);
  fmt::print("bytes/order: WAL {}  stored {}\n", sizes.int8(0, 0) / orders, sizes.int8(0, 1) / orders);
  const auto hot = must(
      inspector.query("select relname::text, n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where n_tup_upd > 0 order by 1"));
  for (int row = 0; row < hot.size(); ++row)
    fmt::print("updates of {}: {}, HOT {}\n", hot.text(row, 0), hot.int8(row, 1), hot.int8(row, 2));
}
