// How many orders a second, at what CPU, beside a bare item table of PostgreSQL in the same run.
//
//   orders_bench [--orders 2000] [--batch 50] [--connections 8] [--binary BACKSTITCH] [--standin STANDIN-SYSTEM] [--catalog FILE]
//
// Two figures: six auto tasks in sequence, and six HTTP callouts in sequence to the stand-in system.
// The platform runs as users run it: own process, worker processes, private PostgreSQL with fsync on; this client submits over
// HTTP on the same machine. An order is six items in sequence, each through tasks, mark, answer and completer.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>

#include "base/files.h"
#include "base/time.h"
#include "bench/platform.h"

using namespace backstitch;
using namespace backstitch::bench;

namespace {

/// CPU of every process that `counts` wants, in ms.
template <class Wanted>
std::int64_t cpu_where(Wanted wanted) {
  std::int64_t total = 0;
  for (const std::string& entry : list_folder("/proc")) {
    if (entry.empty() || !std::isdigit(static_cast<unsigned char>(entry[0]))) continue;
    auto line = read_file("/proc/" + entry + "/cmdline");
    auto stat = read_file("/proc/" + entry + "/stat");
    if (!line || !stat || stat->rfind(')') == std::string::npos) continue;
    std::replace(line->begin(), line->end(), '\0', ' ');
    const int parent = std::atoi(stat->c_str() + stat->rfind(')') + 4);
    if (!wanted(std::atoi(entry.c_str()), parent, *line)) continue;
    if (const auto id = identify(std::atoi(entry.c_str()))) total += cpu_ms(*id);
  }
  return total;
}

struct Cpu {
  std::int64_t serve = 0, workers = 0, postgres = 0, client = 0;
};
/// Of this run's own processes only: the machine may run other platforms.
Cpu cpu_now(const Platform& platform) {
  auto pid_file = read_file(platform.folder + "/data/pg/e0001/postmaster.pid");
  const int postmaster = pid_file ? std::atoi(pid_file->c_str()) : 0;
  return {cpu_ms(platform.serve), cpu_where([&](int, int, const std::string& line) {
            return line.find(" worker ") != std::string::npos && line.find(platform.folder) != std::string::npos;
          }),
          cpu_where([&](int pid, int parent, const std::string&) { return pid == postmaster || parent == postmaster; }),
          cpu_ms(self())};
}

/// Six items an order: inserted, then moved to done, `items` of them in one durable commit. Orders/s.
double bare_table(const Platform& platform, int items, int commits) {
  sql(platform, "create table if not exists bare_item(id bigint primary key, state text, at timestamptz) with (fillfactor=60)");
  sql(platform, "truncate bare_item");
  const std::string script = platform.folder + "/bare.sql";
  sql(platform, "create sequence if not exists bare_id cache 1000");
  (void)write_file_durably(
      script, fmt::format("with n as (insert into bare_item select nextval('bare_id'),'Running',now() from "
                          "generate_series(1,{0}) returning id) select count(*) from n;\n"
                          "update bare_item set state='Completed' where state='Running' and id > currval('bare_id') - {0};\n",
                          items));
  Command command;
  command.argv = {"sh", "-c",
                  fmt::format("PATH=$PATH:/usr/lib/postgresql/15/bin pgbench -n -c 2 -j 2 -t {} -f {} '{}' 2>&1", commits / 2,
                              script, platform.postgres)};
  auto done = run(command, 600'000);
  const auto at = done ? done->out.find("tps = ") : std::string::npos;
  if (at == std::string::npos) die("pgbench: " + (done ? done->out + done->err : done.error().text()));
  return std::atof(done->out.c_str() + at + 6) * items / 6.0;
}

double number_of(const Platform& platform, const std::string& query) { return std::atof(sql(platform, query).c_str()); }

void measure(const Platform& platform, const Options& options, const std::string& product, int activated_before, double bare50,
             double bare10) {
  const std::string commits = "select xact_commit from pg_stat_database where datname='postgres'",
                    turns = "select coalesce(sum(turn),0) from backstitch.position";
  const std::string wal_before = sql(platform, "select pg_current_wal_lsn()");
  const double commits_before = number_of(platform, commits), turns_before = number_of(platform, turns);
  const Cpu before = cpu_now(platform);
  const auto began = std::chrono::steady_clock::now();
  auto seconds_since = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
  submit_all(platform, options, product, "", options.orders);
  const double submitted_s = seconds_since();
  await_activated(platform, activated_before + options.orders);
  const double seconds = seconds_since(), orders = options.orders, rate = orders / seconds;
  const Cpu after = cpu_now(platform);
  const double wal = number_of(platform, "select pg_current_wal_lsn() - '" + wal_before + "'::pg_lsn");
  auto per_order = [&](std::int64_t ms) { return static_cast<double>(ms) / orders; };
  const double serve = per_order(after.serve - before.serve), workers = per_order(after.workers - before.workers),
               postgres = per_order(after.postgres - before.postgres);
  fmt::print("{}: {} orders, {} a request, {} connections\n", product, options.orders, options.batch, options.connections);
  fmt::print("  orders/s            {:.0f}  (submitted in {:.2f} s, all activated after {:.2f} s)\n", rate, submitted_s, seconds);
  fmt::print("  to the bare table   {:.2f} of 50 items a commit ({:.0f}/s), {:.2f} of 10 ({:.0f}/s)\n", rate / bare50, bare50,
             rate / bare10, bare10);
  fmt::print("  CPU ms/order        {:.3f} = platform {:.3f} + workers {:.3f} + PostgreSQL {:.3f}   (client {:.3f} beside)\n",
             serve + workers + postgres, serve, workers, postgres, per_order(after.client - before.client));
  fmt::print("  per order           {:.3f} commits, {:.3f} partition turns, {:.0f} WAL bytes\n",
             (number_of(platform, commits) - commits_before) / orders, (number_of(platform, turns) - turns_before) / orders,
             wal / orders);
}

}  // namespace

int main(int count, char** words) {
  const Options options = parse(count, words);
  const Platform platform = start_platform(options);
  load_catalog(platform, options);
  const double bare50 = bare_table(platform, 50, 600), bare10 = bare_table(platform, 10, 1500);
  measure(platform, options, "BENCH-AUTO", 0, bare50, bare10);
  measure(platform, options, "BENCH-CALLS", options.orders, bare50, bare10);
  stop_platform(platform);
  return 0;
}
